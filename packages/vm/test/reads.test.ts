import { describe, expect, it } from '@jest/globals'
import { createGrammar } from '@sr/ir'
import { type Dict, from, joinPieces, type Node, Predicate, print } from '@sr/xr'
import { parseSelector } from '@sr/xr/selector'
import { memoryStore } from '../src/store/memory-store.ts'
import { codeOf, KEY, SELF, START, startMachine, stateOf } from './setup.ts'

describe('a page', () => {
  it('cuts large documents, joins to the whole, and is not modified while nothing changes', async () => {
    const at = await startMachine()
    const many = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`k${i}`, 'x'.repeat(40)]))
    await at.say('ann', many)
    await at.say('bob', { small: 1 })
    const pieces = new Map<string, Node[]>()
    let after: Uint8Array | undefined
    let pages = 0
    do {
      const page = await at.machine.getPage(KEY, { maxBytes: 2048, ...(after === undefined ? {} : { after }) })
      for (const { writer, node } of page.documents) pieces.set(writer, [...(pieces.get(writer) ?? []), node])
      after = page.after
      pages++
    } while (after !== undefined)
    expect(pages).toBeGreaterThan(8)
    const { documents, revision } = await at.machine.get(KEY)
    for (const [writer, nodes] of pieces) {
      expect((joinPieces(nodes) as Dict).size).toBe(documents.get(writer)?.document.size)
    }
    expect(await at.machine.getPage(KEY, { have: revision })).toMatchObject({ unchanged: true, documents: [] })
    expect(await at.machine.get(KEY, { have: revision })).toMatchObject({ unchanged: true })
    await at.say('bob', { small: 2 })
    expect(await at.machine.get(KEY, { have: revision })).toMatchObject({ unchanged: false })
  })

  it('shows what stands at a path, of some writers', async () => {
    const at = await startMachine()
    await at.say('ann', { peers: { x: 1 } })
    await at.say('bob', { peers: 'none' })
    await at.say('cid', { other: 1 })
    const { documents } = await at.machine.getPage(KEY, { at: ['peers'], writers: ['ann', 'bob', 'cid'] })
    expect(documents.map(({ writer, node }) => `${writer} ${print(node)}`)).toEqual(['ann {x=1}', 'bob "none"'])
    expect((await at.machine.get(KEY, { writers: ['cid', 'zoe'] })).documents.size).toBe(1)
  })

  it.each<[string, unknown, string]>([
    ['a page below 1,024 bytes', { maxBytes: 10 }, 'VM_OPTION'],
    ['writers that are no array', { writers: 'ann' }, 'VM_OPTION'],
    ['a path that is null', { at: null }, 'VM_OPTION'],
    ['a revision with an epoch of no bytes', { have: { epoch: -1, counter: 1 } }, 'VM_OPTION'],
    ['a cursor that is a number', { after: -1 }, 'VM_CURSOR'],
    ['no options', null, 'VM_OPTION'],
    ['a cursor of something else', { after: Uint8Array.of(1) }, 'VM_CURSOR'],
  ])('refuses %s', async (_name, options, code) => {
    const at = await startMachine()
    expect(await codeOf(at.machine.getPage(KEY, options as never))).toBe(code)
    expect(await codeOf(at.machine.query(KEY, [], options as never))).toBe(code)
  })
})

describe('the signed updates of a record', () => {
  it('are read in pages, without the unsigned ones', async () => {
    const at = await startMachine()
    for (let n = 0; n < 40; n++) {
      await at.sign('ann', { [`k${n}`]: 'x'.repeat(60) }, { seq: START * 1000 + n, expires: START + 7_200_000 })
    }
    await at.say('bob', { b: 1 })
    const found: Uint8Array[] = []
    let after: Uint8Array | undefined
    do {
      const page = await at.machine.getUpdates(KEY, { maxBytes: 1024, ...(after === undefined ? {} : { after }) })
      found.push(...page.updates)
      after = page.after
    } while (after !== undefined)
    const heads = await Promise.all(found.map((bytes) => at.updates.parse(bytes)))
    expect(new Set(heads.map(({ seq }) => seq)).size).toBe(40)
    const [first] = heads
    expect((await at.machine.readUpdate(KEY, first?.hash ?? ''))?.bytes).toEqual(found[0])
  })
})

describe('a query', () => {
  it('finds paths by a selector, tags, and goes on from its cursor', async () => {
    const at = await startMachine()
    const peer = (n: number): Predicate => new Predicate('peer', [BigInt(n)])
    await at.say('ann', { peers: { a: peer(1), b: 'x' }, more: [peer(2)] })
    await at.say('bob', { peers: { a: peer(3) } })
    const rows = async (text: string, options = {}) => {
      const found: string[] = []
      let after: Uint8Array | undefined
      do {
        const page = await at.machine.query(KEY, parseSelector(text), {
          ...options,
          ...(after === undefined ? {} : { after }),
        })
        found.push(...page.rows.map(({ writer, path, node }) => `${writer} ${path.join('/')} ${print(node)}`))
        after = page.after
      } while (after !== undefined)
      return found
    }
    const all = ['ann peers/a peer(1)', 'ann peers/b "x"', 'bob peers/a peer(3)']
    expect((await rows('peers/*')).sort()).toEqual(all)
    expect((await rows('peers/*', { limit: 1 })).sort()).toEqual(all)
    expect((await rows('**', { tags: ['peer'] })).sort()).toEqual([all[0], all[2], 'ann more peer(2)'].sort())
    expect(await rows('peers/a', { writers: ['bob'] })).toEqual([all[2]])
  })
})

describe('explain', () => {
  const grammar = createGrammar([
    {
      tags: ['ask'],
      parse: ({ positional }: Predicate) => {
        if (typeof positional[0] !== 'bigint') throw new Error('ask takes an Int')
        return positional[0]
      },
      format: (value: unknown) => new Predicate('ask', [value as bigint]),
    },
  ])
  it('tells what an update would come to, and changes nothing', async () => {
    const at = await startMachine({
      grammar,
      meter: { price: ({ byteSeconds }) => ({ price: Math.ceil(byteSeconds / 1000) }) },
    })
    await at.say('ann', { a: 1 })
    const before = await stateOf(at, ['ann'])
    const body = from({ a: new Predicate('ask', [1n]), b: new Predicate('ask', ['x']), c: new Predicate('who') })
    const update = { key: KEY, writer: 'ann', body, ttl: 60 }
    const explained = await at.machine.explain(update)
    expect(explained).toMatchObject({
      receipt: { status: 'stored', changed: true },
      tags: [
        { path: ['a'], status: 'understood' },
        { path: ['b'], status: 'malformed' },
        { path: ['c'], tag: 'who', status: 'unknown' },
      ],
      problems: [{ path: ['b'] }],
      usage: { records: 1 },
      left: { records: 999 },
    })
    const { left, usage } = explained
    expect(left.bytes).toBe(at.machine.limits.bytesPerWriter - usage.bytes)
    expect(await stateOf(at, ['ann'])).toBe(before)
    const { effects: _, problems: __, ...receipt } = await at.machine.updateUnsigned(update)
    expect(explained.receipt).toEqual({ ...receipt, hash: explained.receipt.hash, counter: explained.receipt.counter })
    expect(receipt.price).toBeGreaterThan(0)
  })

  it('refuses as update does', async () => {
    const at = await startMachine({ meter: { price: () => ({ price: 7, refused: true }) } })
    const update = { key: KEY, writer: 'ann', body: from({ a: 1 }), ttl: 60 }
    for (const call of [at.machine.explain(update), at.machine.updateUnsigned(update)]) {
      await expect(call).rejects.toMatchObject({ code: 'VM_PRICE', got: 7 })
    }
    expect(await codeOf(at.machine.explain({ ...update, ttl: -1 }))).toBe('VM_TTL')
  })
})

describe('ifSeq', () => {
  it('admits an update only if the highest seq of its writer is as given', async () => {
    const at = await startMachine()
    const say = async (ifSeq: number, body = from({ a: 1 })) =>
      await at.machine.updateUnsigned({ key: KEY, writer: 'ann', body, ttl: 60 }, { ifSeq })
    const { seq } = await say(0)
    await expect(say(0)).rejects.toMatchObject({ code: 'VM_STALE', got: seq, retryable: false })
    const next = await say(seq)
    expect(next.seq).toBeGreaterThan(seq)
    const both = await Promise.allSettled([say(next.seq), say(next.seq)])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    await expect(say(-1)).rejects.toMatchObject({ code: 'VM_DOC' })
  })
})

describe('the records in memory', () => {
  it('are bounded by their charge; those that left are read again and show the same', async () => {
    const at = await startMachine({ limits: { cacheBytes: 40_000 } })
    for (let n = 0; n < 100; n++) await at.say('ann', { n }, 60, Uint8Array.of(n))
    const { cached, totals } = await at.machine.info()
    expect(totals).toMatchObject({ entries: 100, documents: 100 })
    expect(cached.records).toBeLessThan(20)
    expect(cached.bytes).toBeLessThanOrEqual(40_000)
    for (let n = 0; n < 100; n++) expect(await at.show(Uint8Array.of(n))).toEqual({ ann: `{n=${n}}` })
    expect((await at.machine.usage('ann')).records).toBe(100)
    await at.clock.advance(70_000)
    expect(at.store.size).toBe(0)
    expect(await at.machine.usage('ann')).toEqual({ bytes: 0, records: 0 })
    expect((await at.machine.info()).cached.records).toBe(0)
  })

  it('that left with an update past its retain, which others still need, are deleted at last', async () => {
    const at = await startMachine({ limits: { cacheBytes: 3000 } })
    await at.say('ann', { a: { b: 1 } }, 5)
    const now = at.machine.time().now
    // the Dict at `a` shows while a child does, so that its update stays longer than its `retain`
    const times = { seq: now * 1000 + 10_000, expires: now + 1000, retain: now + 1000 }
    await at.sign('ann', { a: {} }, times)
    await at.say('ann', { a: { c: 1 } }, 20)
    for (let n = 0; n < 9; n++) {
      await at.clock.advance(1000)
      await at.say('bob', { n }, 3, Uint8Array.of(7, n))
    }
    expect(await at.show()).toEqual({ ann: '{a={c=1}}' })
    for (let n = 0; n < 30; n++) {
      await at.clock.advance(1000)
      await at.say('bob', { n }, 1, Uint8Array.of(8, n))
    }
    await at.clock.advance(5000)
    expect(at.store.size).toBe(0)
  })

  it('of one that has left memory it is still known that it has not changed', async () => {
    const at = await startMachine({ limits: { cacheBytes: 20_000 } })
    await at.say('ann', { a: 1 })
    const { revision } = await at.machine.get(KEY)
    for (let n = 0; n < 50; n++) await at.say('ann', { n }, 60, Uint8Array.of(9, n))
    expect(await at.machine.get(KEY, { have: revision })).toMatchObject({ unchanged: true })
    await at.clock.advance(61_000)
    expect(await at.machine.get(KEY, { have: revision })).toMatchObject({ unchanged: false })
  })

  it('a start reads nothing but the time and the totals', async () => {
    const store = memoryStore()
    const first = await startMachine({ store })
    for (let n = 0; n < 30; n++) await first.say('ann', { n }, 7200, Uint8Array.of(n))
    await first.machine.close()
    const calls: string[] = []
    const spied = Object.fromEntries(
      Object.entries(store).map(([name, value]) => [
        name,
        typeof value === 'function'
          ? (...args: unknown[]) => {
              calls.push(name)
              return (value as (...all: unknown[]) => unknown)(...args)
            }
          : value,
      ]),
    )
    const second = await startMachine({ store: spied as never, clock: first.clock })
    expect(calls).toEqual(['open', 'loadTime', 'totals', 'resumed'])
    expect(await second.show(Uint8Array.of(3))).toEqual({ ann: '{n=3}' })
    expect(await second.machine.usage('ann')).toMatchObject({ records: 30 })
    expect((await second.machine.info()).self).toBe(SELF)
  })
})

describe('one writer', () => {
  it('cannot keep others out of a record: each has a share for itself', async () => {
    const limits = { bytesPerRecord: 64_000, writersPerRecord: 4 }
    const at = await startMachine({ limits })
    const large = (n: number) => ({ [`k${n}`]: 'x'.repeat(2000) })
    let n = 0
    const full = await (async () => {
      for (;;) {
        const code = await codeOf(at.say('eve', large(n++)))
        if (code !== 'accepted') return code
      }
    })()
    expect(full).toBe('VM_QUOTA_RECORD')
    for (const writer of ['ann', 'bob', 'cid']) {
      expect(await codeOf(at.say(writer, { hello: 1 }))).toBe('accepted')
      expect(await codeOf(at.say(writer, { hello: 2 }))).toBe('accepted')
    }
    expect(await codeOf(at.say('dan', { hello: 1 }))).toBe('VM_QUOTA_RECORD')
  })
})

describe('an observer', () => {
  it('receives every refusal and failure with its code, and cannot stop the machine', async () => {
    const events: unknown[] = []
    const counted: Array<Record<string, number>> = []
    const at = await startMachine({
      observe: (event) => {
        events.push(event)
        throw new Error('mine')
      },
      metrics: { registerCounterGroup: () => ({ increment: (values) => counted.push(values) }) },
    })
    await codeOf(at.say('ann', { a: 1 }, -1))
    await codeOf(at.machine.get(new Uint8Array(0)))
    expect(events).toMatchObject([
      { type: 'refused', call: 'updateUnsigned', code: 'VM_TTL' },
      { type: 'refused', call: 'get', code: 'VM_KEY' },
    ])
    expect(counted).toEqual([{ 'updates.refused': 1 }])
  })

  it('may be a log as those of libp2p, by component', async () => {
    const lines: string[] = []
    const log = Object.assign((...parts: unknown[]) => void lines.push(parts.join(' ')), {
      error: (...parts: unknown[]) => void lines.push(`error ${parts.join(' ')}`),
    })
    const components: string[] = []
    const logger = { forComponent: (name: string) => (components.push(name), log) }
    const at = await startMachine({ logger })
    await codeOf(at.machine.get(new Uint8Array(0)))
    expect(components).toEqual(['smart-record:machine'])
    expect(lines).toEqual([expect.stringMatching(/^refused .* get VM_KEY /)])
  })
})
