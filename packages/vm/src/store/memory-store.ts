import type { Store, StoreEntry, StoreRef } from './store.ts'

/** A {@link Store} that also tells how much it holds. */
export interface MemoryStore extends Store {
  /** number of updates */
  readonly size: number
  /** sum of the updates' bytes */
  readonly bytes: number
}

/**
 * A {@link Store} in memory. Its content survives a restart of the machine, not of the process.
 *
 * @example
 * ```ts
 * import { memoryStore } from '@sr/vm'
 *
 * const store = memoryStore()
 * await store.commit({ put: [{ record: 'aa', hash: '00', retain: 9, writer: 'ann', chargedTo: 'ann', cost: 1, resumed: false, bytes: Uint8Array.of(7) }], drop: [] })
 * console.log(store.size, store.bytes, (await store.read('aa')).length) // 1 1 1
 * ```
 */
export function memoryStore(): MemoryStore {
  const records = new Map<string, Map<string, StoreEntry>>()
  let time: number | undefined
  const all = (): StoreEntry[] => [...records.values()].flatMap((entries) => [...entries.values()])

  const put = (entry: StoreEntry): void => {
    const entries = records.get(entry.record) ?? new Map<string, StoreEntry>()
    records.set(entry.record, entries.set(entry.hash, copy(entry)))
  }

  const drop = ({ record, hash }: StoreRef): void => {
    const entries = records.get(record)
    if (entries?.delete(hash) === true && entries.size === 0) {
      records.delete(record)
    }
  }

  return {
    get size() {
      return all().length
    },
    get bytes() {
      return all().reduce((sum, { bytes }) => sum + bytes.length, 0)
    },
    async open() {},
    async commit(batch) {
      batch.drop.forEach(drop)
      batch.put.forEach(put)
    },
    async read(record) {
      return Array.from(records.get(record)?.values() ?? [], copy)
    },
    async *index() {
      for (const { bytes: _, ...entry } of all().sort((a, b) => a.retain - b.retain)) {
        yield entry
      }
    },
    async saveTime(ms) {
      time = ms
    },
    async loadTime() {
      return time
    },
    async close() {},
  }
}

function copy(entry: StoreEntry): StoreEntry {
  return { ...entry, bytes: new Uint8Array(entry.bytes) }
}
