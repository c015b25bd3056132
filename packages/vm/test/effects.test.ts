import { describe, expect, it } from '@jest/globals'
import { createGrammar, type EffectContext, type Grammar, remove, set, ttl, type Verdict } from '@sr/ir'
import { Dict, List, type Node, Predicate } from '@sr/xr'
import { ask, asking, count, facts, soon, yes } from './effect-setup.ts'
import { memoryStore } from '../src/index.ts'
import { type TestMachine, startMachine, KEY, SELF, START } from './setup.ts'

describe('an effect', () => {
  it("is requested by a statement and answers with a fact in the machine's own document", async () => {
    const seen: EffectContext[] = []
    const at = await startMachine({
      grammar: asking(async (n, context) => {
        seen.push(context)
        return { value: new Predicate('answer', [n]), ttl: 30 }
      }),
    })
    await at.say('bob', { nick: 'Bob' })
    await (
      await at.say('ann', { wish: ask(7) })
    ).effects
    expect(await facts(at)).toEqual({ 'ask(7)': '"answer"(7)'.replaceAll('"', '') })
    expect((await at.machine.get(KEY)).documents.get(SELF)?.signed).toBe(true)
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({ key: KEY, writer: 'ann', self: SELF, now: START, observed: '/ip4/1.2.3.4/tcp/5' })
    expect([...(seen[0]?.record.keys() ?? [])]).toEqual(['bob', 'ann'])
  })

  it.each<[string, Node]>([
    ['a value', Dict.from([['a', ask(1)]])],
    ['a nested value', Dict.from([['a', Dict.from([[5n, ask(1)]])]])],
    ['a member', Dict.from([['a', List.of('x', ask(1))]])],
    ['inside a member', Dict.from([['a', List.of(Dict.from([['b', ask(1)]]))]])],
    ['under $set', set(Dict.from([['a', ask(1)]]))],
    ['under $ttl', Dict.from([['a', ttl(ask(1), 5)]])],
    ['a member under $ttl', Dict.from([['a', List.of(ttl(ask(1), 5))]])],
  ])('is requested by %s', async (_, body) => {
    const at = await startMachine({ grammar: asking(async () => yes()) })
    await (
      await at.say('ann', body as never)
    ).effects
    expect(await facts(at)).toEqual({ 'ask(1)': '"yes"' })
  })

  it.each<[string, Node]>([
    ['an argument', Dict.from([['a', new Predicate('other', [ask(1)])]])],
    ['a removal', Dict.from([['a', List.of(remove(ask(1)))]])],
    ['a predicate that cannot be read', Dict.from([['a', new Predicate('ask', ['?'])]])],
  ])('is not requested by %s', async (_, body) => {
    const at = await startMachine({ grammar: asking(async () => yes()) })
    await (
      await at.say('ann', body as never)
    ).effects
    expect(count(at, 'effects.run')).toBe(0)
  })

  it('is not requested by an unreadable predicate: the receipt reports it with its path', async () => {
    const at = await startMachine({ grammar: asking(async () => yes()) })
    const { problems } = await at.say('ann', { a: { b: [ttl(new Predicate('ask', ['?']), 5)] } })
    expect(problems).toEqual([{ path: ['a', 'b', 0n], tag: 'ask', message: 'ask takes an Int' }])
    expect(await at.show()).toEqual({ ann: '{a={b=[ask("?")]}}' })
  })

  it('runs without a lock: it may read and write the record of its request', async () => {
    const made: TestMachine[] = []
    const grammar = asking(async () => {
      const here = made[0] as TestMachine
      const { documents: before } = await here.machine.get(KEY)
      await here.say('cid', { was: [...before.keys()] })
      await here.machine.update(
        await here.updates.signAs({
          key: KEY,
          writer: 'dan',
          seq: START * 1000,
          expires: START + 5000,
          retain: START + 5000,
          body: Dict.from([['seen', true]]),
        }),
      )
      return yes()
    })
    const at = await startMachine({ grammar })
    made.push(at)
    await (
      await at.say('ann', { a: ask(1) })
    ).effects
    expect(await at.show()).toMatchObject({
      cid: '{was=["ann"]}',
      dan: '{seen=true}',
      [SELF]: '{facts={ask(1)="yes"}}',
    })
  })

  it('delays neither the receipt nor other updates', async () => {
    const { promise, resolve } = Promise.withResolvers<Verdict>()
    const at = await startMachine({ grammar: asking(async () => await promise) })
    const receipt = await at.say('ann', { a: ask(1) })
    await at.say('ann', { b: 1 })
    await soon(at)
    expect(await at.show()).toEqual({ ann: '{a=ask(1) b=1}' })
    resolve(yes())
    await receipt.effects
    expect(await facts(at)).toEqual({ 'ask(1)': '"yes"' })
  })

  it('does not delay receipt.effects unless it is blocking', async () => {
    const at = await startMachine({ grammar: asking(async () => await new Promise(() => {}), { external: false }) })
    await (
      await at.say('ann', { a: ask(1) })
    ).effects
    await soon(at)
    expect(count(at, 'effects.run')).toBe(1)
  })
})

describe('a request made again', () => {
  it('shares the effect that runs already', async () => {
    const { promise, resolve } = Promise.withResolvers<Verdict>()
    const at = await startMachine({ grammar: asking(async () => await promise) })
    const first = await at.say('ann', { a: ask(1) })
    const second = await at.say('bob', { b: [ask(1)] })
    resolve(yes())
    await Promise.all([first.effects, second.effects])
    expect(count(at, 'effects.run')).toBe(1)
    expect(count(at, 'effects.coalesced')).toBe(1)
    await (
      await at.say('cid', { c: ask(1) })
    ).effects
    expect(count(at, 'effects.run')).toBe(1)
  })

  it('does not share the verdict of another request or record', async () => {
    const at = await startMachine({ grammar: asking(async (n) => ({ value: n, ttl: 9 })) })
    await (
      await at.say('ann', { a: ask(1), b: ask(2) })
    ).effects
    await (
      await at.say('bob', { a: ask(1) }, 60, Uint8Array.of(9))
    ).effects
    expect(await facts(at)).toEqual({ 'ask(1)': '1', 'ask(2)': '2' })
    expect(await facts(at, Uint8Array.of(9))).toEqual({ 'ask(1)': '1' })
  })

  it('extends the fact for a statement that lasts longer, without another run', async () => {
    const at = await startMachine({ grammar: asking(async () => yes(600)) })
    await (
      await at.say('ann', { a: ask(1) }, 5)
    ).effects
    await (
      await at.say('bob', { a: ask(1) }, 100)
    ).effects
    await at.clock.advance(99_000)
    expect(await facts(at)).toEqual({ 'ask(1)': '"yes"' })
    await at.clock.advance(1000)
    expect(await facts(at)).toEqual({})
    expect(count(at, 'effects.run')).toBe(1)
  })

  it('runs for the next writer when it was declined for the first', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const at = await startMachine({
      grammar: asking(async (_n, { writer }) => {
        await promise
        return writer === 'bob' ? yes() : undefined
      }),
    })
    const first = await at.say('ann', { a: ask(1) })
    const second = await at.say('bob', { a: ask(1) })
    resolve()
    await Promise.all([first.effects, second.effects])
    expect(await facts(at)).toEqual({ 'ask(1)': '"yes"' })
    expect(count(at, 'effects.declined')).toBe(1)
  })

  it('is cancelled when the statement is overwritten', async () => {
    const at = await startMachine({ grammar: asking(async () => yes()) })
    await at.sign('ann', { a: 1 }, { seq: START * 1000 + 2, expires: START + 9000 })
    const bytes = await at.updates.signAs({
      key: KEY,
      writer: 'ann',
      seq: START * 1000 + 1,
      expires: START + 9000,
      retain: START + 9000,
      body: Dict.from([
        ['a', ask(1)],
        ['b', 1n],
      ]),
    })
    await (
      await at.machine.update(bytes, { via: 'author' })
    ).effects
    expect(count(at, 'effects.run')).toBe(0)
    expect(count(at, 'effects.cancelled')).toBe(1)
  })
})

describe('a hostile number of tags', () => {
  it('is read up to a limit, once each, and not again for later updates of the document', async () => {
    let read = 0
    const grammar = createGrammar([
      {
        tags: ['ask'],
        parse: ({ positional: [n] }) => {
          read++
          return n
        },
        format: (n) => new Predicate('ask', [n as bigint]),
        effect: { external: true, run: async () => yes() },
      },
    ])
    const at = await startMachine({ grammar })
    const many = (from: number): Dict =>
      Dict.from(Array.from({ length: 900 }, (_, i) => [`k${from + i}`, ask(from + i)]))
    for (let i = 0; i < 3; i++) await at.say('ann', many(900 * i), 600)
    await soon(at)
    expect(read).toBe(3 * 64)
    for (let i = 0; i < 20; i++) await at.say('ann', { tiny: i }, 600)
    await soon(at)
    expect(read).toBe(3 * 64)
    expect(count(at, 'effects.dropped')).toBe(3 * 896)
  })
})

describe('a statement that is made again', () => {
  it('does not shorten an earlier one that stands: the fact is renewed as long as the longest', async () => {
    let runs = 0
    const at = await startMachine({
      grammar: asking(async () => {
        runs++
        return yes(10)
      }),
    })
    await (
      await at.say('ann', { a: ask(1) }, 3600)
    ).effects
    await (
      await at.say('ann', { b: ask(1) }, 20)
    ).effects
    await at.clock.advance(100_000)
    expect(runs).toBeGreaterThanOrEqual(10)
    expect(await facts(at)).toEqual({ 'ask(1)': '"yes"' })
  })
})

describe('a restart', () => {
  it.each([
    ['resumes an effect that acts on nothing outside', false, { 'ask(1)': '"yes"' }],
    ['does not resume one that does', true, {}],
  ])('%s', async (_name, external, shown) => {
    const store = memoryStore()
    const grammar = (works: boolean): Grammar =>
      asking(async () => (works ? yes() : await Promise.reject(new Error('down'))), { external })
    const first = await startMachine({ store, grammar: grammar(false) })
    await first.say('ann', { a: ask(1) }, 3600)
    await soon(first)
    await first.machine.close()
    const second = await startMachine({ store, grammar: grammar(true) })
    await soon(second)
    expect(await facts(second)).toEqual(shown)
    await second.machine.close()
  })
})

describe('an external effect', () => {
  it('runs only for an update from its author, a duplicate too', async () => {
    const at = await startMachine({ grammar: asking(async () => yes()) })
    const bytes = await at.updates.signAs({
      key: KEY,
      writer: 'ann',
      seq: START * 1000,
      expires: START + 9000,
      retain: START + 9000,
      body: Dict.from([['a', ask(1)]]),
    })
    await (
      await at.machine.update(bytes)
    ).effects
    expect(count(at, 'effects.run')).toBe(0)
    const again = await at.machine.update(bytes, { via: 'author' })
    await again.effects
    expect(again.status).toBe('duplicate')
    expect(count(at, 'effects.run')).toBe(1)
  })

  it('that is not external runs for an update from any peer', async () => {
    const at = await startMachine({ grammar: asking(async () => yes(), { external: false, blocking: true }) })
    const bytes = await at.updates.signAs({
      key: KEY,
      writer: 'ann',
      seq: START * 1000,
      expires: START + 9000,
      retain: START + 9000,
      body: Dict.from([['a', ask(1)]]),
    })
    await (
      await at.machine.update(bytes)
    ).effects
    expect(await facts(at)).toEqual({ 'ask(1)': '"yes"' })
  })

  it('runs for the first four of an update in canonical order', async () => {
    const ran: bigint[] = []
    const at = await startMachine({
      grammar: asking(async (n) => {
        ran.push(n)
        return yes()
      }),
    })
    await (
      await at.say('ann', { x: [9, 3, 8, 1, 5, 700].map(ask) })
    ).effects
    expect(ran.sort()).toEqual([1n, 3n, 5n, 8n])
    expect(count(at, 'effects.dropped')).toBe(2)
    expect(await at.show()).toMatchObject({ ann: '{x=[ask(9) ask(3) ask(8) ask(1) ask(5) ask(700)]}' })
  })

  it('is limited per minute, in all and per writer', async () => {
    const at = await startMachine({
      grammar: asking(async () => yes(1)),
      limits: { externalPerMinute: 5, externalPerMinutePerWriter: 2 },
    })
    for (const [i, writer] of ['ann', 'ann', 'ann', 'bob', 'bob', 'cid', 'dan'].entries()) {
      await (
        await at.say(writer, { a: ask(i) }, 60, Uint8Array.of(i))
      ).effects
    }
    expect(count(at, 'facts.stated')).toBe(5)
    expect(count(at, 'effects.rate')).toBe(2)
    // what was put off is tried again while its statement stands
    await at.clock.advance(36_000)
    expect(count(at, 'facts.stated')).toBe(7)
    await at.clock.advance(24_000)
    await (
      await at.say('ann', { a: ask(9) }, 60, Uint8Array.of(9))
    ).effects
    expect((await facts(at, Uint8Array.of(9)))['ask(9)']).toBe('"yes"')
  })

  it('is limited in concurrency, in all and per writer', async () => {
    let running = 0
    let most = 0
    const mostOf: Record<string, number> = {}
    const nowOf: Record<string, number> = {}
    const grammar = asking(async (_n, { writer }) => {
      most = Math.max(most, ++running)
      mostOf[writer] = Math.max(mostOf[writer] ?? 0, (nowOf[writer] = (nowOf[writer] ?? 0) + 1))
      for (let turn = 0; turn < 300; turn++) await Promise.resolve()
      running--
      nowOf[writer] = (nowOf[writer] ?? 0) - 1
      return yes()
    })
    const at = await startMachine({
      grammar,
      limits: {
        effectsAtOnce: 3,
        externalConcurrencyPerWriter: 2,
        externalPerMinutePerWriter: 100,
        externalPerMinute: 100,
      },
    })
    const receipts = await Promise.all(
      ['ann', 'bob', 'cid'].map(
        async (writer, i) => await at.say(writer, { x: [1, 2, 3, 4].map((n) => ask(10 * i + n)) }),
      ),
    )
    await Promise.all(receipts.map(async ({ effects }) => await effects))
    expect(most).toBe(3)
    expect(mostOf).toEqual({ ann: 2, bob: 2, cid: 2 })
    expect(count(at, 'facts.stated')).toBe(12)
  })
})

describe('an effect that fails', () => {
  const hang = async (): Promise<never> => await new Promise(() => {})

  it('by an exception states no fact, and the next one runs', async () => {
    const at = await startMachine({
      grammar: asking(async (n) => {
        if (n === 1n) {
          throw new Error('oops')
        }
        return yes()
      }),
    })
    await (
      await at.say('ann', { a: ask(1), b: ask(2) })
    ).effects
    expect(await facts(at)).toEqual({ 'ask(2)': '"yes"' })
    expect(count(at, 'effects.failed')).toBe(1)
  })

  it('by an exception before it returns a promise is counted', async () => {
    const grammar = createGrammar([
      {
        tags: ['ask'],
        parse: () => 1n,
        format: () => ask(1),
        effect: {
          external: false,
          blocking: true,
          run: () => {
            throw new Error('oops')
          },
        },
      },
    ])
    const at = await startMachine({ grammar })
    await (
      await at.say('ann', { a: ask(1) })
    ).effects
    expect(count(at, 'effects.failed')).toBe(1)
  })

  it('to answer has its signal aborted, times out after 5 s, and frees its slot', async () => {
    let signal: AbortSignal | undefined
    const at = await startMachine({
      grammar: asking(async (n, context) => {
        signal ??= context.signal
        return n === 1n ? await hang() : yes()
      }),
      limits: { effectsAtOnce: 1 },
    })
    const first = await at.say('ann', { a: ask(1) })
    const second = await at.say('bob', { a: ask(2) })
    await at.clock.advance(4999)
    expect(signal?.aborted).toBe(false)
    await at.clock.advance(1)
    expect(signal?.reason).toMatchObject({ name: 'TimeoutError' })
    await Promise.all([first.effects, second.effects])
    expect(count(at, 'effects.timeout')).toBe(1)
    await soon(at)
    expect(await facts(at)).toEqual({ 'ask(2)': '"yes"' })
  })

  it('to answer before the abort gets no verdict from what it returns then', async () => {
    const at = await startMachine({
      grammar: asking(async (_n, { signal }) => {
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve)
        })
        return yes()
      }),
    })
    const { effects } = await at.say('ann', { a: ask(1) })
    await at.clock.advance(5000)
    await effects
    expect([count(at, 'effects.timeout'), count(at, 'facts.stated')]).toEqual([1, 0])
  })

  it('is not cut short by the life of its statement and told to others: the next requester has a run of its own', async () => {
    let runs = 0
    const at = await startMachine({
      grammar: asking(async (_n, { signal }) => {
        runs++
        await new Promise<void>((resolve, reject) => {
          at.clock.after(1500, resolve)
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error)
          })
        })
        return yes()
      }),
    })
    await at.say('bob', { a: ask(1) }, 1)
    await soon(at)
    const { effects } = await at.say('ann', { a: ask(1) }, 600)
    await at.clock.advance(1000)
    expect(count(at, 'effects.cancelled')).toBe(1)
    await at.clock.advance(1500)
    await effects
    expect([runs, await facts(at)]).toEqual([2, { 'ask(1)': '"yes"' }])
  })

  it('is tried again at growing intervals while its statement stands, and answered when it works', async () => {
    const started: number[] = []
    let works = false
    const at = await startMachine({
      grammar: asking(async () => {
        started.push((at.clock.now() - START) / 1000)
        if (!works) throw new Error('no route')
        return yes()
      }),
    })
    await at.say('ann', { a: ask(1) }, 7200)
    await at.clock.advance(3_000_000)
    expect(started.map((s) => Math.floor(s / 5) * 5)).toEqual([0, 5, 35, 155, 755, 1355, 1955, 2555])
    works = true
    await at.clock.advance(300_000)
    expect(await facts(at)).toEqual({ 'ask(1)': '"yes"' })
    expect(count(at, 'effects.failed')).toBe(8)
  })

  it('is stopped when its statement is removed or expires', async () => {
    const signals: AbortSignal[] = []
    const at = await startMachine({
      grammar: asking(async (_n, { signal }) => {
        signals.push(signal)
        return await hang()
      }),
    })
    const removed = await at.say('ann', { a: ask(1) })
    await soon(at)
    await at.say('ann', { b: 1 })
    await soon(at)
    expect(signals[0]?.aborted).toBe(false)
    await at.say('ann', { a: remove() })
    await removed.effects
    expect(signals[0]?.aborted).toBe(true)
    const expired = await at.say('ann', { a: ask(2) }, 2)
    await at.clock.advance(2000)
    await expired.effects
    expect(signals[1]?.aborted).toBe(true)
  })

  it('is stopped when the machine closes, and its late verdict is discarded', async () => {
    const { promise, resolve } = Promise.withResolvers<Verdict>()
    let signal: AbortSignal | undefined
    const at = await startMachine({
      grammar: asking(async (_n, context) => {
        signal = context.signal
        return await promise
      }),
    })
    const { effects } = await at.say('ann', { a: ask(1) })
    await soon(at)
    await at.machine.close()
    await effects
    expect(signal?.aborted).toBe(true)
    const size = at.store.size
    resolve(yes())
    await soon(at)
    expect(at.store.size).toBe(size)
    expect(count(at, 'facts.stated')).toBe(0)
  })

  it('keeps others queued, up to a limit', async () => {
    const at = await startMachine({
      grammar: asking(hang, { external: false }),
      limits: { effectsAtOnce: 1, effectsWaiting: 2 },
    })
    await at.say('ann', { x: [1, 2, 3, 4, 5].map(ask) })
    await soon(at)
    expect([count(at, 'effects.deferred'), count(at, 'effects.dropped')]).toEqual([2, 0])
  })
})
