import { describe, expect, it } from '@jest/globals'
import { createGrammar, remove, set } from '@sr/ir'
import { Dict, Predicate } from '@sr/xr'
import fc from 'fast-check'
import { recordId, recordKey } from '../src/records/record-id.ts'
import { DOCUMENT_BYTES } from '../src/admission/cost.ts'
import { ask, asking, count, facts, soon, yes } from './effect-setup.ts'
import { startMachine, SELF } from './setup.ts'

const asked = { 'ask(1)': '"yes"' }

describe('a fact is revoked', () => {
  it.each([
    ['when its request is removed', { a: remove() }],
    ['when its writer overwrites the request', { a: 'never mind' }],
    ['when its writer removes everything', remove()],
    ['when its writer replaces the document', set(Dict.from([['b', 1n]]))],
  ])('%s, without running an effect', async (_, body) => {
    const at = await startMachine({ grammar: asking(async () => yes(600)) })
    await (
      await at.say('ann', { a: ask(1) }, 600)
    ).effects
    expect(await facts(at)).toEqual(asked)
    await at.say('ann', body as never, 600)
    await soon(at)
    expect(await facts(at)).toEqual({})
    await at.clock.advance(30_000)
    expect(count(at, 'effects.run')).toBe(1)
    expect(count(at, 'facts.revoked')).toBe(1)
  })

  it('when its statement is shortened and expires', async () => {
    const at = await startMachine({ grammar: asking(async () => yes(600)) })
    await (
      await at.say('ann', { a: ask(1) }, 600)
    ).effects
    await at.clock.advance(1)
    await (
      await at.say('ann', { a: ask(1) }, 5)
    ).effects
    await at.clock.advance(4000)
    expect(await facts(at)).toEqual(asked)
    await at.clock.advance(3000)
    expect(await facts(at)).toEqual({})
  })

  it('only when no statement requests it, and no other fact with it', async () => {
    const at = await startMachine({ grammar: asking(async () => yes(600)) })
    await (
      await at.say('ann', { a: ask(1), b: ask(2) }, 600)
    ).effects
    await (
      await at.say('bob', { a: ask(1) }, 600)
    ).effects
    await at.say('ann', { a: remove() }, 600)
    await soon(at)
    expect(Object.keys(await facts(at)).sort()).toEqual(['ask(1)', 'ask(2)'])
    await at.say('bob', { a: remove() }, 600)
    await soon(at)
    expect(await facts(at)).toEqual({ 'ask(2)': '"yes"' })
  })

  it('after a restart', async () => {
    const grammar = asking(async () => yes(600))
    const first = await startMachine({ grammar })
    await (
      await first.say('ann', { a: ask(1) }, 600)
    ).effects
    await first.machine.close()
    const second = await startMachine({ grammar, store: first.store, clock: first.clock })
    await second.clock.advance(1)
    await second.say('ann', { b: 1 }, 600)
    await soon(second)
    expect(await facts(second)).toEqual(asked)
    await second.say('ann', { a: remove() }, 600)
    await soon(second)
    expect(await facts(second)).toEqual({})
  })

  it('in batches, when a hundred requests are removed together', async () => {
    const at = await startMachine({ grammar: asking(async () => yes(600), { external: false, blocking: true }) })
    for (const part of [0, 1]) {
      await (
        await at.say('ann', { [`p${part}`]: Array.from({ length: 50 }, (_, i) => ask(50 * part + i)) }, 600)
      ).effects
    }
    expect(Object.keys(await facts(at))).toHaveLength(100)
    await at.say('ann', remove() as never, 600)
    for (let turn = 0; turn < 20; turn++) {
      await soon(at)
    }
    expect(await facts(at)).toEqual({})
    expect(count(at, 'facts.revoked')).toBe(100)
  })

  it('and stated again without another run when it is requested again', async () => {
    const at = await startMachine({ grammar: asking(async () => yes(600)) })
    for (const body of [{ a: ask(1) }, { a: remove() }, { a: ask(1) }]) {
      await (
        await at.say('ann', body, 600)
      ).effects
    }
    await soon(at)
    expect(await facts(at)).toEqual(asked)
    expect(count(at, 'effects.run')).toBe(1)
  })

  it('at the cost of the writer that requested it, until it would have expired', async () => {
    const at = await startMachine({ grammar: asking(async () => yes(60)) })
    await (
      await at.say('ann', { a: ask(1) }, 60)
    ).effects
    await at.say('ann', { a: remove() }, 60)
    await soon(at)
    expect((await at.machine.usage('ann')).bytes).toBeGreaterThan(2 * 512)
    expect((await at.machine.usage(SELF)).bytes).toBe(DOCUMENT_BYTES)
    await at.clock.advance(62_000)
    expect(await at.machine.usage('ann')).toEqual({ bytes: 0, records: 0 })
    expect(at.store.size).toBe(0)
  })

  it('only by a machine whose grammar has an effect for the request', async () => {
    const first = await startMachine({ grammar: asking(async () => yes(600)) })
    await (
      await first.say('ann', { a: ask(1) }, 600)
    ).effects
    await first.machine.close()
    const second = await startMachine({
      grammar: createGrammar([{ tags: ['other'], parse: () => 1n, format: () => new Predicate('other') }]),
      store: first.store,
      clock: first.clock,
    })
    await second.clock.advance(1)
    await second.say('ann', { b: 1 }, 600)
    await soon(second)
    expect(await facts(second)).toEqual(asked)
  })
})

describe('a fact is not stated', () => {
  it('when the statement is removed while the effect answers', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const at = await startMachine({
      grammar: asking(async () => {
        await promise
        return yes(600)
      }),
    })
    const { effects } = await at.say('ann', { a: ask(1) }, 600)
    await soon(at)
    const removal = at.say('ann', { a: remove() }, 600)
    resolve(undefined)
    await Promise.all([removal, effects])
    await soon(at)
    expect(await at.show()).not.toHaveProperty(SELF)
  })
})

describe('many requesters', () => {
  it('have each request read once', async () => {
    let read = 0
    const grammar = createGrammar([
      {
        tags: ['ask'],
        parse: ({ positional: [n] }) => {
          read++
          return n
        },
        format: (n) => new Predicate('ask', [n as bigint]),
        effect: { external: false, blocking: true, run: async () => undefined },
      },
    ])
    const at = await startMachine({ grammar })
    await (
      await at.say('ann', { x: Array.from({ length: 20 }, (_, i) => ask(i)) })
    ).effects
    expect(count(at, 'effects.run')).toBe(20)
    // once for the update; a document is searched by canonical keys
    expect(read).toBe(20)
  })

  it('yield to the event loop between two of them', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const at = await startMachine({
      grammar: asking(
        async () => {
          await promise
          return undefined
        },
        { external: false, blocking: true },
      ),
    })
    const receipts = []
    for (let i = 0; i < 20; i++) {
      receipts.push(await at.say(`writer ${i}`, { a: ask(1) }))
    }
    resolve(undefined)
    await new Promise((turn) => {
      setImmediate(turn)
    })
    expect(count(at, 'effects.run')).toBeLessThan(4)
    await Promise.all(receipts.map(async ({ effects }) => await effects))
    expect(count(at, 'effects.run')).toBe(20)
  })
})

describe('the id of a record', () => {
  it('decodes to its key', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(recordKey(recordId(bytes))).toEqual(bytes)
      }),
    )
  })
})
