import type {
  DuePage,
  DueRecord,
  IndexPage,
  Store,
  StoreBatch,
  StoredRecord,
  StoreEntry,
  StoreIndex,
  StoreRef,
  StoreTotals,
  Usage,
  UsageChange,
} from './store.ts'
import { RetainIndex } from './retain-index.ts'

/** A {@link Store} that also tells how much it holds. */
export interface MemoryStore extends Store {
  /** number of updates */
  readonly size: number
  /** sum of the updates' bytes */
  readonly bytes: number
}

const NO_USAGE: Usage = { bytes: 0, records: 0 }

/**
 * A {@link Store} in memory: every call is answered at once. Its content survives a restart of the machine, not of the process.
 *
 * @example
 * ```ts
 * import { memoryStore } from '@sr/vm'
 *
 * const store = memoryStore()
 * const entry = { record: 'aa', hash: '00', retain: 9, writer: 'ann', chargedTo: 'ann', cost: 1, resumed: false, signed: false, local: true }
 * await store.commit({ put: [{ ...entry, bytes: Uint8Array.of(7) }], drop: [], usage: [{ writer: 'ann', bytes: 1, records: 1 }] })
 * console.log(store.size, store.bytes, await store.usage('ann')) // 1 1 { bytes: 1, records: 1 }
 * ```
 */
export function memoryStore(): MemoryStore {
  return new StoreInMemory()
}

/** Its methods are properties, so that a test or a wrapper may spread it and replace some. */
class StoreInMemory implements MemoryStore {
  /** record → hash → entry */
  readonly #records = new Map<string, Map<string, StoreEntry>>()
  readonly #index = new RetainIndex<StoreEntry>()
  readonly #usage = new Map<string, Usage>()
  /** number of entries by record that requests effects to resume */
  readonly #resumed = new Map<string, number>()
  readonly #quarantine: StoreEntry[] = []
  #bytes = 0
  #charged = 0
  #documents = 0
  #time: number | undefined

  get size(): number {
    return this.#index.size
  }

  get bytes(): number {
    return this.#bytes
  }

  readonly open = (): void => {}

  readonly commit = ({ put, drop, usage }: StoreBatch): void => {
    for (const ref of drop) {
      this.#remove(ref)
    }
    for (const entry of put) {
      this.#put(entry)
    }
    for (const change of usage) {
      this.#charge(change)
    }
  }

  readonly read = (record: string): StoredRecord => {
    return { entries: Array.from(this.#records.get(record)?.values() ?? [], copy), damaged: [] }
  }

  readonly get = (record: string, hash: string): StoreEntry | undefined => {
    const entry = this.#records.get(record)?.get(hash)
    return entry === undefined ? undefined : copy(entry)
  }

  readonly index = ({ limit, ...range }: IndexPage): readonly StoreIndex[] => {
    const page: StoreIndex[] = []
    for (const entry of this.#index.range(range)) {
      page.push(withoutBytes(entry))
      if (page.length === limit) {
        break
      }
    }
    return page
  }

  readonly due = ({ after, until, limit }: DuePage): readonly DueRecord[] => {
    const found = new Map<string, DueRecord>()
    const visited = new Set<string>()
    // the index is by retain, so that the first entry of a record has its earliest
    for (const { record, retain } of this.#index.range({ until, ...afterRef(after) })) {
      if (found.size === limit) {
        break
      }
      const all = found.has(record) || visited.has(record) ? [] : [...(this.#records.get(record)?.values() ?? [])]
      visited.add(record)
      if (all.length > 0 && all.every((other) => other.retain >= retain)) {
        const entries = all.every((other) => other.retain <= until) ? all.map(withoutBytes) : undefined
        found.set(record, { record, retain, entries })
      }
    }
    return [...found.values()]
  }

  readonly resumed = ({
    after = '',
    limit,
  }: {
    readonly after?: string
    readonly limit: number
  }): readonly string[] => {
    return [...this.#resumed.keys()]
      .filter((record) => record > after)
      .sort()
      .slice(0, limit)
  }

  readonly usage = (writer: string): Usage => {
    return this.#usage.get(writer) ?? NO_USAGE
  }

  readonly totals = (): StoreTotals => {
    return { entries: this.size, bytes: this.#charged, documents: this.#documents }
  }

  readonly quarantine = (ref: StoreRef): void => {
    const removed = this.#remove(ref)
    if (removed !== undefined) {
      this.#quarantine.push(removed)
    }
  }

  readonly saveTime = (ms: number): void => {
    this.#time = ms
  }

  readonly loadTime = (): number | undefined => {
    return this.#time
  }

  readonly close = (): void => {}

  #put(entry: StoreEntry): void {
    const { record, hash } = entry
    this.#remove(entry)
    const kept = copy(entry)
    let entries = this.#records.get(record)
    if (entries === undefined) {
      entries = new Map()
      this.#records.set(record, entries)
    }
    entries.set(hash, kept)
    this.#index.add(kept)
    this.#bytes += kept.bytes.length
    this.#countResumed(kept, 1)
  }

  #remove({ record, hash }: Pick<StoreRef, 'record' | 'hash'>): StoreEntry | undefined {
    const entries = this.#records.get(record)
    const removed = entries?.get(hash)
    if (entries === undefined || removed === undefined) {
      return undefined
    }
    entries.delete(hash)
    if (entries.size === 0) {
      this.#records.delete(record)
    }
    this.#index.remove(removed)
    this.#bytes -= removed.bytes.length
    this.#countResumed(removed, -1)
    return removed
  }

  #countResumed({ record, resumed }: StoreEntry, step: 1 | -1): void {
    if (resumed) {
      const count = (this.#resumed.get(record) ?? 0) + step
      if (count === 0) {
        this.#resumed.delete(record)
      } else {
        this.#resumed.set(record, count)
      }
    }
  }

  #charge({ writer, bytes, records }: UsageChange): void {
    const before = this.#usage.get(writer) ?? NO_USAGE
    const after = { bytes: before.bytes + bytes, records: before.records + records }
    this.#charged += bytes
    this.#documents += records
    if (after.bytes === 0 && after.records === 0) {
      this.#usage.delete(writer)
    } else {
      this.#usage.set(writer, after)
    }
  }
}

function withoutBytes(entry: StoreEntry): StoreIndex {
  const { bytes: _, ...index } = entry
  return index
}

/** A place in the index after all entries of a record with this `retain`. */
function afterRef(after: DuePage['after']): Pick<IndexPage, 'after'> {
  return after === undefined ? {} : { after: { ...after, hash: '\uffff' } }
}

/** Field by field: a spread with one field replaced takes three times as long. */
function copy(entry: StoreEntry): StoreEntry {
  const { record, hash, retain, writer, chargedTo, cost, resumed, signed, local, bytes } = entry
  return { record, hash, retain, writer, chargedTo, cost, resumed, signed, local, bytes: new Uint8Array(bytes) }
}
