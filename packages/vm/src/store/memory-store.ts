import type { Store, StoreEntry, StoreIndex } from './store.ts'

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
 * await store.commit({ put: [{ record: 'aa', hash: '00', retain: 9, writer: 'ann', chargedTo: 'ann', cost: 1, bytes: Uint8Array.of(7) }], drop: [] })
 * console.log(store.size, store.bytes, (await store.read('aa')).length) // 1 1 1
 * ```
 */
export function memoryStore(): MemoryStore {
  const records = new Map<string, Map<string, StoreEntry>>()
  let size = 0
  let bytes = 0

  const put = (entry: StoreEntry): void => {
    drop(entry)
    const entries = records.get(entry.record) ?? new Map<string, StoreEntry>()
    records.set(entry.record, entries)
    entries.set(entry.hash, { ...entry, bytes: entry.bytes.slice() })
    size++
    bytes += entry.bytes.length
  }

  const drop = ({ record, hash }: { record: string; hash: string }): void => {
    const entries = records.get(record)
    const entry = entries?.get(hash)
    if (entries === undefined || entry === undefined) {
      return
    }
    entries.delete(hash)
    if (entries.size === 0) {
      records.delete(record)
    }
    size--
    bytes -= entry.bytes.length
  }

  return {
    get size() {
      return size
    },
    get bytes() {
      return bytes
    },
    async open() {},
    async commit(batch) {
      batch.drop.forEach(drop)
      batch.put.forEach(put)
    },
    async read(record) {
      return [...(records.get(record)?.values() ?? [])]
    },
    async *index() {
      const all: StoreIndex[] = [...records.values()].flatMap((entries) => [...entries.values()])
      yield* all.sort((a, b) => a.retain - b.retain)
    },
    async close() {},
  }
}
