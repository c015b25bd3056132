import { describe, expect, it } from '@jest/globals'
import { runCases, storeCases, type StoreSetup } from '../src/conformance/index.ts'
import type { Engine, EngineWrite } from '../src/store/kv/engine.ts'
import { memoryStore } from '../src/store/memory-store.ts'
import type { DuePage, DueRecord, IndexPage, Store, StoreBatch, StoreEntry, StoreIndex } from '../src/store/store.ts'
import type { MemoryEngine } from '../src/testing/memory-engine.ts'
import { describeStore, memory, overMemory } from './store-setup.ts'

describeStore('memoryStore', memory, ['atomic', 'check', 'damage', 'durable'])
describeStore('kvStore over an engine that is atomic and durable', overMemory())
describeStore('kvStore over an engine that is not atomic', overMemory({ atomic: false }))
describeStore('kvStore over an engine that is neither', overMemory({ atomic: false, durable: false }), ['durable'])

/** A store in memory with one fault. */
function faulty(change: (store: Store) => Partial<Store>): StoreSetup {
  return {
    supports: ['persistent'],
    create: () => {
      const store = memoryStore()
      return { ...store, ...change(store) }
    },
    reopen: (closed) => closed,
  }
}

/** `kvStore` with one fault. */
const faultyKv = (change: (store: Store) => Partial<Store>): StoreSetup =>
  overMemory({}, { store: (store) => ({ ...store, ...change(store) }) })

/** `kvStore` over an engine with one fault. */
const faultyEngine = (options: { atomic: boolean }, change: (engine: MemoryEngine) => Partial<Engine>): StoreSetup =>
  overMemory(options, {
    engine: (engine) => ({
      atomic: engine.atomic,
      durable: engine.durable,
      open: () => {
        engine.open()
      },
      close: () => {
        engine.close()
      },
      getMany: async (keys) => await engine.getMany(keys),
      range: async (range) => await engine.range(range),
      write: async (writes) => {
        await engine.write(writes)
      },
      ...change(engine),
    }),
  })

/** A mistake, a store that makes it, and a case that must fail. */
const FAULTS: Array<[string, StoreSetup, RegExp]> = [
  [
    'puts before it drops',
    faulty((store) => ({
      commit: async ({ put, drop }) => {
        await store.commit({ put, drop: [], usage: [] })
        await store.commit({ put: [], drop, usage: [] })
      },
    })),
    /drop comes before the put/,
  ],
  [
    'keeps the arrays of a put',
    faulty((store) => {
      const kept = new Map<string, StoreEntry>()
      return {
        commit: async (batch: StoreBatch) => {
          batch.put.forEach((one) => kept.set(one.record + one.hash, one))
          await store.commit(batch)
        },
        async read(record: string) {
          const { entries } = await store.read(record)
          const bytesOf = (one: StoreEntry): Uint8Array => kept.get(record + one.hash)?.bytes ?? one.bytes
          return { entries: entries.map((one) => ({ ...one, bytes: bytesOf(one) })), damaged: [] }
        },
      }
    }),
    /bytes of a put may be written to/,
  ],
  [
    'returns the arrays that it keeps',
    faulty((store) => {
      const cache = new Map<string, ReturnType<Store['read']>>()
      return {
        read: (record: string) =>
          cache.get(record) ?? cache.set(record, store.read(record)).get(record) ?? store.read(record),
      }
    }),
    /bytes of a read/,
  ],
  [
    'copies after it has waited',
    faulty((store) => ({
      commit: async (batch: StoreBatch) => {
        await Promise.resolve()
        await store.commit(batch)
      },
    })),
    /batch may be changed as soon as commit has returned/,
  ],
  ['has an index in no order', faulty((store) => ({ index: (page) => reversed(store, page) })), /by retain, then/],
  ['sorts its index by second', faulty((store) => ({ index: (page) => bySecond(store, page) })), /by retain, then/],
  [
    'begins a page with the entry before it',
    faulty((store) => ({
      index: ({ after, ...page }) =>
        store.index(after === undefined ? page : { ...page, after: { ...after, hash: '0' } }),
    })),
    /pages of the index of any size/,
  ],
  [
    'ends a page before the last entry',
    faulty((store) => ({ index: ({ until = 9e15, ...page }) => store.index({ ...page, until: until - 1 }) })),
    /ends with the last entry/,
  ],
  [
    'has a damaged entry in its pages',
    faulty((store) => ({ quarantine: (ref) => store.commit({ put: [], drop: [], usage: [] }) ?? void ref })),
    /quarantined update is not returned/,
  ],
  [
    'says that all of a record is due',
    faulty((store) => ({ due: (page) => dueWith(store, page, true) })),
    /due records are by their earliest/,
  ],
  [
    'never says that all of a record is due',
    faulty((store) => ({ due: (page) => dueWith(store, page, false) })),
    /due records are by their earliest/,
  ],
  [
    'lists resumed records of dropped updates',
    faulty((store) => ({ resumed: sticky(store) })),
    /until its last resumed update is gone/,
  ],
  [
    'gets by hash alone',
    faulty((store) => ({ get: async (_, hash) => await getAnywhere(store, hash) })),
    /got by record and hash/,
  ],
  ['drops by retain', faulty((store) => ({ commit: byRetain(store) })), /whatever its retain/],
  ['is not empty', faulty((store) => ({ open: async () => await store.saveTime(1) })), /new store is empty/],
  ['rejects a drop of what is not there', faulty((store) => ({ commit: strict(store) })), /does nothing/],
  [
    'forgets a part of usage',
    faulty((store) => ({ commit: (batch) => store.commit({ ...batch, usage: batch.usage.slice(0, 1) }) })),
    /add up/,
  ],
  ['sets usage instead of adding it', faulty((store) => ({ commit: setUsage(store) })), /usage is the sum/],
  [
    'folds the case of writers',
    faulty((store) => ({ usage: (writer) => store.usage(writer.toLowerCase()) })),
    /usage is the sum/,
  ],
  ['loses usage of commits at once', faulty((store) => ({ commit: racing(store) })), /under way at once/],
  [
    'takes the usage of a quarantined update away',
    faulty((store) => ({ quarantine: charged(store) })),
    /quarantined update is not returned/,
  ],
  ['loses the time', faulty(() => ({ saveTime: async () => {} })), /last time saved/],
  [
    'forgets what it has when it closes',
    faulty((store) => ({
      close: async () => {
        await store.commit({ put: [], drop: await store.index({ limit: 100 }), usage: [] })
      },
    })),
    /opened again/,
  ],
  [
    'writes a batch in parts',
    faultyEngine({ atomic: true }, (engine) => ({ write: async (writes) => await oneByOne(engine, writes) })),
    /process ends in the middle/,
  ],
  [
    'acknowledges before it is written',
    faultyEngine({ atomic: true }, (engine) => ({
      write: (writes) => void Promise.resolve(engine.write(writes)).catch(() => {}),
    })),
    /process ends in the middle/,
  ],
  [
    'writes no journal',
    faultyEngine({ atomic: false }, (engine) => ({
      write: async (writes) => await engine.write(writes.filter(([key]) => key !== 'j')),
    })),
    /process ends in the middle/,
  ],
  [
    'says that it is durable and is not',
    { ...overMemory({ durable: false }), supports: ['persistent', 'durable'] },
    /loss of power/,
  ],
  [
    'returns a damaged entry',
    faultyKv((store) => ({
      read: async (record) => {
        const { entries, damaged } = await store.read(record)
        const [one] = entries
        return { entries: damaged.length > 0 && one !== undefined ? [...entries, one] : entries, damaged: [] }
      },
    })),
    /damaged update is reported once/,
  ],
  [
    'gets a damaged entry',
    faultyKv((store) => ({
      get: async (record, hash) =>
        (await store.get(record, hash)) ?? ({ ...(await store.read(record)).entries[0], record, hash } as StoreEntry),
    })),
    /damaged update is not got/,
  ],
  [
    'reports a problem that does not exist',
    faultyKv(() => ({ check: async () => ({ entries: 3, damaged: [], problems: ['none'], repaired: true }) })),
    /in order finds nothing/,
  ],
  [
    'checks nothing',
    faultyKv(() => ({ check: async () => ({ entries: 3, damaged: [], problems: [], repaired: true }) })),
    /a check finds usage/,
  ],
  [
    'checks and mends nothing',
    faultyKv((store) => ({
      check: async () => ({
        ...((await store.check?.({ repair: false })) as Awaited<ReturnType<NonNullable<Store['check']>>>),
        repaired: true,
      }),
    })),
    /a check lists damaged/,
  ],
]

describe('the conformance kit finds a store that', () => {
  it.each(FAULTS)('%s', async (_, setup, name) => {
    const results = await runCases(storeCases, setup)
    const failed = results.filter(({ outcome }) => outcome === 'failed').map((one) => one.name)
    expect(failed).toEqual(expect.arrayContaining([expect.stringMatching(name)]))
  })

  it('each case finds one of them, or a store that does nothing', async () => {
    const nothing = faulty(() => ({ commit: () => {}, read: () => ({ entries: [], damaged: [] }), index: () => [] }))
    const failed = new Set<string>()
    for (const setup of [nothing, ...FAULTS.map(([, one]) => one)]) {
      for (const { name, outcome } of await runCases(storeCases, setup)) {
        if (outcome === 'failed') {
          failed.add(name)
        }
      }
    }
    expect(storeCases.map(({ name }) => name).filter((name) => !failed.has(name))).toEqual([])
  })
})

it('a case that a setup does not support is skipped, and says what it needs', async () => {
  const results = await runCases(storeCases, { ...overMemory(), supports: ['persistent'] })
  const skipped = results.filter(({ outcome }) => outcome === 'skipped')
  expect(new Set(skipped.flatMap(({ missing }) => missing))).toEqual(new Set(['atomic', 'durable', 'damage', 'check']))
  expect(results.every(({ outcome }) => outcome !== 'failed')).toBe(true)
})

async function reversed(store: Store, page: IndexPage): Promise<readonly StoreIndex[]> {
  return [...(await store.index(page))].reverse()
}

async function bySecond(store: Store, page: IndexPage): Promise<readonly StoreIndex[]> {
  const second = ({ retain }: StoreIndex): number => Math.floor(retain / 1000)
  return [...(await store.index(page))].sort((a, b) => second(a) - second(b) || (a.hash < b.hash ? -1 : 1))
}

async function dueWith(store: Store, page: DuePage, all: boolean): Promise<readonly DueRecord[]> {
  return (await store.due(page)).map((one) => ({ ...one, entries: all ? (one.entries ?? []) : undefined }))
}

function sticky(store: Store): Store['resumed'] {
  const seen = new Set<string>()
  return async (page) => {
    ;(await store.resumed(page)).forEach((record) => seen.add(record))
    return [...seen].sort()
  }
}

async function getAnywhere(store: Store, hash: string): Promise<StoreEntry | undefined> {
  const found = (await store.index({ limit: 99 })).find((one) => one.hash === hash)
  return found === undefined ? undefined : await store.get(found.record, hash)
}

function strict(store: Store): Store['commit'] {
  return async (batch) => {
    for (const { record, hash } of batch.drop) {
      if (!(await store.read(record)).entries.some((one) => one.hash === hash)) {
        throw new Error(`${hash} is not there`)
      }
    }
    await store.commit(batch)
  }
}

function setUsage(store: Store): Store['commit'] {
  return async ({ put, drop, usage }) => {
    for (const { writer, bytes, records } of usage) {
      const before = await store.usage(writer)
      await store.commit({
        put: [],
        drop: [],
        usage: [{ writer, bytes: bytes - before.bytes, records: records - before.records }],
      })
    }
    await store.commit({ put, drop, usage: [] })
  }
}

/** Loses the usage of a commit that is made while another is under way. */
function racing(store: Store): Store['commit'] {
  let underWay = 0
  return async ({ put, drop, usage }) => {
    const isAlone = ++underWay === 1
    await store.commit({ put: put.map(copyOf), drop: [...drop], usage: isAlone ? usage : [] })
    await Promise.resolve()
    underWay--
  }
}

function copyOf(entry: StoreEntry): StoreEntry {
  return { ...entry, bytes: Uint8Array.from(entry.bytes) }
}

function byRetain(store: Store): Store['commit'] {
  return async ({ put, drop, usage }) => {
    const found = await Promise.all(
      drop.map(async ({ record, hash, retain }) => (await store.get(record, hash))?.retain === retain),
    )
    await store.commit({ put, drop: drop.filter((_, n) => found[n]), usage })
  }
}

function charged(store: Store): Store['quarantine'] {
  return async (ref, reason) => {
    const entry = await store.get(ref.record, ref.hash)
    await store.quarantine(ref, reason)
    if (entry !== undefined) {
      await store.commit({ put: [], drop: [], usage: [{ writer: entry.chargedTo, bytes: -entry.cost, records: 0 }] })
    }
  }
}

async function oneByOne(engine: MemoryEngine, writes: readonly EngineWrite[]): Promise<void> {
  for (const write of writes) {
    await engine.write([write])
  }
}
