import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { GroupCommit } from '../src/store/kv/group-commit.ts'
import { kvStore } from '../src/store/kv/kv-store.ts'
import type { Store, StoreBatch, StoreEntry, StoreReport } from '../src/store/store.ts'
import { memoryEngine, type MemoryEngine } from '../src/testing/memory-engine.ts'
import { damageValue } from './store-setup.ts'

function entry(record: string, n: number, retain = 1000 + n): StoreEntry {
  const hash = n.toString(16).padStart(4, '0')
  return {
    record,
    hash,
    retain,
    writer: 'ann',
    chargedTo: 'ann',
    cost: 10,
    resumed: true,
    signed: true,
    local: false,
    bytes: Uint8Array.of(n),
  }
}

const BATCH: StoreBatch = {
  put: [entry('aa', 1), entry('aa', 2), entry('ab', 3)],
  drop: [],
  usage: [{ writer: 'ann', bytes: 30, records: 2 }],
}

async function filled(
  options = {},
): Promise<{ engine: MemoryEngine; store: Store & { check: NonNullable<Store['check']> } }> {
  const engine = memoryEngine(options)
  const store = kvStore(engine)
  await store.open()
  await store.commit(BATCH)
  return { engine, store }
}

it('batches that arrive during a write are one group; a failed group rejects each of its batches', async () => {
  const groups: number[][] = []
  const group = new GroupCommit<{ n: number; count: number; bytes: number }>(async (changes) => {
    groups.push(changes.map(({ n }) => n))
    if (groups.length === 2) {
      throw new Error('disk full')
    }
  })
  const push = (n: number, count = 1, bytes = 1): Promise<void> => group.push({ n, count, bytes })
  const first = push(1)
  await Promise.resolve()
  const second = await Promise.allSettled([push(2), push(3)])
  await first
  await Promise.all([push(4, 4000), push(5, 96), push(6, 1), push(7, 1, 9e6), push(8)])
  expect(second.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(groups).toEqual([[1], [2, 3], [4, 5], [6], [7], [8]])
})

describe('damage of what follows from the updates', () => {
  it.each([
    ['an entry of the index', 'x/0000000000001001/aa/0001'],
    ['the usage', 'u/ann'],
    ['the totals', 't'],
  ])('%s does not show, and is mended', async (_, key) => {
    const { engine, store } = await filled()
    damageValue(engine.pairs, key)
    expect((await store.index({ limit: 9 })).map(({ hash, cost }) => [hash, cost])).toEqual([
      ['0001', 10],
      ['0002', 10],
      ['0003', 10],
    ])
    expect(await store.usage('ann')).toEqual({ bytes: 30, records: 2 })
    expect(await store.totals()).toEqual({ entries: 3, bytes: 30, documents: 2 })
    await store.commit({ put: [], drop: [entry('ab', 3)], usage: [{ writer: 'ann', bytes: -10, records: -1 }] })
    expect(await store.check({ repair: false })).toEqual({ entries: 2, damaged: [], problems: [], repaired: true })
  })

  it('an entry of the index without its update is removed when it is found to be due', async () => {
    const { engine, store } = await filled()
    engine.pairs.delete('e/aa/0001')
    engine.pairs.delete('e/aa/0002')
    expect((await store.due({ until: 9e9, limit: 9 })).map(({ record }) => record)).toEqual(['ab'])
    await store.saveTime(1)
    expect(engine.pairs.has('x/0000000000001001/aa/0001')).toBe(false)
  })

  it('an update whose damaged header says another retain leaves the index', async () => {
    const { engine, store } = await filled()
    const value = Uint8Array.from(engine.pairs.get('e/aa/0001') as Uint8Array)
    value[8] = (value[8] as number) ^ 1
    engine.pairs.set('e/aa/0001', value)
    expect((await store.read('aa')).damaged.map(({ hash }) => hash)).toEqual(['0001'])
    expect((await store.index({ limit: 9 })).map(({ hash }) => hash)).toEqual(['0002', '0003'])
  })

  it('a record with a damaged update is due, so that it is read', async () => {
    const { engine, store } = await filled()
    damageValue(engine.pairs, 'e/aa/0001')
    const due = await store.due({ until: 9e9, limit: 9 })
    expect(due.map(({ record, entries }) => [record, entries?.length])).toEqual([
      ['aa', undefined],
      ['ab', 1],
    ])
  })
})

/** What a check finds after a change of the engine's pairs, with a part of one of its lines. */
const DIFFERENCES: Array<[string, (pairs: Map<string, Uint8Array>) => void, string]> = [
  ['an update is missing', (pairs) => pairs.delete('e/ab/0003'), 'x/0000000000001003/ab/0003 refers to no update'],
  [
    'an entry of the index is missing',
    (pairs) => pairs.delete('x/0000000000001003/ab/0003'),
    'x/0000000000001003/ab/0003 is missing',
  ],
  [
    'an entry of the index is damaged',
    (pairs) => damageValue(pairs, 'x/0000000000001003/ab/0003'),
    'ab/0003 is damaged',
  ],
  ['a mark of a resumed update is missing', (pairs) => pairs.delete('r/ab/0003'), 'r/ab/0003 is missing'],
  [
    'a mark of a resumed update is too many',
    (pairs) => pairs.set('r/zz/00', new Uint8Array(0)),
    'r/zz/00 refers to no update',
  ],
  ['usage is missing', (pairs) => pairs.delete('u/ann'), 'usage of ann is 0 bytes; its updates cost 30'],
  ['usage is damaged', (pairs) => damageValue(pairs, 'u/ann'), 'value of u/ann: CRC32C'],
  ['the totals are missing', (pairs) => pairs.delete('t'), 'the totals are missing'],
  ['the totals are damaged', (pairs) => damageValue(pairs, 't'), 'the totals are damaged'],
  ['the time is damaged', (pairs) => pairs.set('c', Uint8Array.of(1)), 'value of c: 1 bytes'],
]

describe('a check finds and mends that', () => {
  it.each(DIFFERENCES)('%s', async (_, change, line) => {
    const { engine, store } = await filled()
    change(engine.pairs)
    const before = new Map(engine.pairs)
    const found = await store.check({ repair: false })
    expect(found.problems).toEqual(expect.arrayContaining([expect.stringContaining(line)]))
    expect(found.repaired).toBe(false)
    expect(engine.pairs).toEqual(before)
    const mended = await store.check({ repair: true })
    expect([mended.problems, mended.repaired]).toEqual([found.problems, true])
    const { problems, repaired } = await store.check({ repair: false })
    expect([problems, repaired]).toEqual([[], true])
  })

  it('a key is unknown, which it leaves', async () => {
    const { engine, store } = await filled()
    for (const key of ['aaa', 'e/aa', 'u/A', 'zz']) {
      engine.pairs.set(key, Uint8Array.of(1))
    }
    const { problems, repaired } = await store.check({ repair: true })
    expect([[...problems].sort(), repaired]).toEqual([
      ['aaa', 'e/aa', 'u/A', 'zz'].map((key) => `${key} is no key of a store`),
      false,
    ])
  })
})

it('a batch whose journal is lost in a crash is a difference that a check mends, with every update that it keeps', async () => {
  const next: StoreBatch = {
    put: [entry('ac', 4), entry('aa', 2, 5000)],
    drop: [entry('ab', 3)],
    usage: [{ writer: 'ann', bytes: 0, records: 0 }],
  }
  for (let writes = 1; ; writes++) {
    const { engine, store } = await filled({ atomic: false })
    engine.writesLeft = writes
    const [{ status }] = await Promise.allSettled([store.commit(next)])
    const isWhole = status === 'fulfilled'
    engine.pairs.delete('j')
    const second = kvStore(engine)
    await second.open()
    const kept = async (record: string): Promise<string[]> =>
      (await second.read(record)).entries.map(({ hash }) => hash)
    expect(await kept('aa')).toEqual(['0001', '0002'])
    expect([await kept('ab'), await kept('ac')]).toContainEqual(isWhole ? ['0004'] : await kept('ac'))
    await second.check({ repair: true })
    expect((await second.check({ repair: false })).problems).toEqual([])
    if (isWhole) {
      return
    }
  }
})

it('a damaged journal is reported by the next check', async () => {
  const { engine, store } = await filled({ atomic: false })
  damageValue(engine.pairs, 'j')
  const second = kvStore(engine)
  await second.open()
  const reports: StoreReport[] = []
  for (const repair of [false, true, false]) {
    reports.push(await second.check({ repair }))
  }
  expect(reports.map(({ problems, repaired }) => [problems.length, repaired])).toEqual([
    [1, false],
    [1, true],
    [0, true],
  ])
  await store.close()
})

describe('an error of the engine has the code', () => {
  const failures: Array<[string, unknown]> = [
    ['STORE_FULL', Object.assign(new Error('write'), { code: 'ENOSPC' })],
    ['STORE_FULL', new Error('failed', { cause: new DOMException('too much', 'QuotaExceededError') })],
    ['STORE_FULL', new Error('Error: MDB_MAP_FULL: Environment mapsize limit reached')],
    ['STORE_FULL', new Error('database or disk is full')],
    ['STORE_LOCKED', new Error('not open', { cause: Object.assign(new Error('lock'), { code: 'LEVEL_LOCKED' }) })],
    ['STORE_FAILED', new Error('EIO: i/o error')],
    ['STORE_FAILED', 'no error at all'],
  ]
  it.each(failures)('%s: %s', async (code, cause) => {
    const { engine, store } = await filled()
    engine.write = async () => await Promise.reject(cause)
    await expect(store.commit({ ...BATCH })).rejects.toMatchObject({ code, cause })
  })

  it('STORE_FAILED when the disk is full after the journal was written, and the next call finishes the batch', async () => {
    const { engine, store } = await filled({ atomic: false })
    const { write } = engine
    let calls = 0
    engine.write = async (writes) => {
      if (++calls === 2) {
        throw Object.assign(new Error('write'), { code: 'ENOSPC' })
      }
      await write.call(engine, writes)
    }
    await expect(store.commit({ put: [entry('ac', 4)], drop: [], usage: [] })).rejects.toMatchObject({
      code: 'STORE_FAILED',
    })
    expect((await store.read('ac')).entries).toHaveLength(1)
  })

  it.each([
    ['a record with another letter', { ...entry('a/b', 1) }],
    ['a retain that is no whole number', { ...entry('aa', 1), retain: 1.5 }],
  ])('STORE_FAILED for %s', async (_, put) => {
    const { store } = await filled()
    await expect(store.commit({ put: [put], drop: [], usage: [] })).rejects.toMatchObject({ code: 'STORE_FAILED' })
  })
})

it('over a crash at any write, what was acknowledged is there and no batch is half', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.nat(60),
      fc.array(fc.nat(5), { minLength: 1, maxLength: 8 }),
      async (atomic, writes, records) => {
        const engine = memoryEngine({ atomic })
        const store = kvStore(engine)
        await store.open()
        engine.writesLeft = writes
        // each batch replaces the pair of its record: both are of one batch, always
        const commits = records.map(async (record, n) => {
          const put = [entry(`r${record}`, 0, 1000 + n), entry(`r${record}`, 1, 1000 + n)]
          await store.commit({ put, drop: [], usage: [] })
          return n
        })
        const settled = await Promise.allSettled(commits)
        const second = kvStore(engine)
        await second.open()
        for (const record of new Set(records)) {
          const { entries } = await second.read(`r${record}`)
          const last = Math.max(
            -1,
            ...settled.map((one, n) => (one.status === 'fulfilled' && records[n] === record ? n : -1)),
          )
          const [a, b] = entries.map(({ retain }) => retain - 1000)
          expect([entries.length === 0 || entries.length === 2, a === b, (a ?? -1) >= last]).toEqual([true, true, true])
        }
        expect(
          (await second.check({ repair: false })).problems.filter(
            (line) => !line.startsWith('usage') && !line.startsWith('the totals'),
          ),
        ).toEqual([])
      },
    ),
  )
})
