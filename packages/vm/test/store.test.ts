import { describe, expect, it } from '@jest/globals'
import { storeCases, type StoreSetup } from '../src/conformance/index.ts'
import { memoryStore } from '../src/store/memory-store.ts'
import type { Store, StoreBatch, StoreEntry } from '../src/store/store.ts'

const memory: StoreSetup = { create: memoryStore, reopen: (closed) => closed }

describe('a store in memory', () => {
  it.each(storeCases)('$name', async ({ run }) => {
    expect(await run(memory)).toBeUndefined()
  })
})

/** A store in memory with one fault. */
function faulty(change: (store: Store) => Partial<Store>): StoreSetup {
  return {
    create: () => {
      const store = memoryStore()
      return { ...store, ...change(store) }
    },
    reopen: (closed) => closed,
  }
}

describe('the conformance kit finds a store that', () => {
  const faults: Array<[string, StoreSetup, RegExp]> = [
    [
      'puts before it drops',
      faulty((store) => ({
        commit: async ({ put, drop }) => {
          await store.commit({ put, drop: [] })
          await store.commit({ put: [], drop })
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
          read: async (record: string) =>
            (await store.read(record)).map((one) => ({
              ...one,
              bytes: kept.get(record + one.hash)?.bytes ?? one.bytes,
            })),
        }
      }),
      /written to/,
    ],
    [
      'returns the arrays that it keeps',
      faulty((store) => {
        const cache = new Map<string, Promise<StoreEntry[]>>()
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
      /as soon as commit has returned/,
    ],
    ['has an index in no order', faulty((store) => ({ index: () => reversed(store) })), /by retain/],
    ['rejects a drop of what is not there', faulty((store) => ({ commit: strict(store) })), /does nothing/],
    ['loses the time', faulty(() => ({ saveTime: async () => {} })), /time/],
    [
      'forgets what it has when it closes',
      faulty((store) => ({
        close: async () => {
          for await (const one of store.index()) {
            await store.commit({ put: [], drop: [one] })
          }
        },
      })),
      /opened again/,
    ],
  ]
  it.each(faults)('%s', async (_, setup, name) => {
    const failed: string[] = []
    for (const one of storeCases) {
      try {
        await one.run(setup)
      } catch {
        failed.push(one.name)
      }
    }
    expect(failed).toEqual(expect.arrayContaining([expect.stringMatching(name)]))
  })
})

async function* reversed(store: Store): ReturnType<Store['index']> {
  const all = []
  for await (const one of store.index()) {
    all.push(one)
  }
  yield* all.reverse()
}

function strict(store: Store): Store['commit'] {
  return async (batch) => {
    for (const { record, hash } of batch.drop) {
      if (!(await store.read(record)).some((one) => one.hash === hash)) {
        throw new Error(`${hash} is not there`)
      }
    }
    await store.commit(batch)
  }
}
