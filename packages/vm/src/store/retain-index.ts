import type { IndexPage, StoreRef } from './store.ts'

const SECOND_MS = 1000

/** The entries of one second. */
interface Bucket<Entry> {
  readonly entries: Set<Entry>
  /** the entries in order, and some that were removed since; undefined until a page is read, and after an entry was added */
  order: Entry[] | undefined
}

/**
 * Entries by `retain`, then by record and hash: in a bucket per second, with the seconds in a sorted array. A bucket is sorted
 * when a page of it is read first.
 */
export class RetainIndex<Entry extends StoreRef> {
  readonly #buckets = new Map<number, Bucket<Entry>>()
  #seconds: number[] = []
  #size = 0

  /** number of entries */
  get size(): number {
    return this.#size
  }

  add(entry: Entry): void {
    const second = secondOf(entry.retain)
    let bucket = this.#buckets.get(second)
    if (bucket === undefined) {
      bucket = { entries: new Set(), order: undefined }
      this.#buckets.set(second, bucket)
      this.#seconds.splice(this.#firstFrom(second), 0, second)
    }
    bucket.entries.add(entry)
    bucket.order = undefined
    this.#size++
  }

  remove(entry: Entry): void {
    const second = secondOf(entry.retain)
    const bucket = this.#buckets.get(second)
    if (bucket?.entries.delete(entry) === true) {
      this.#size--
      if (bucket.entries.size === 0) {
        this.#buckets.delete(second)
        this.#seconds.splice(this.#firstFrom(second), 1)
      }
    }
  }

  /** The entries after `after` whose `retain` is at most `until`. Entries may be removed meanwhile. */
  *range({ after, until = Infinity }: Omit<IndexPage, 'limit'>): Iterable<Entry> {
    const seconds = this.#seconds.slice(after === undefined ? 0 : this.#firstFrom(secondOf(after.retain)))
    for (const second of seconds) {
      if (second * SECOND_MS > until) {
        return
      }
      const bucket = this.#buckets.get(second)
      const { entries, order } = bucket === undefined ? NO_ENTRIES : sort(bucket)
      for (let i = after === undefined ? 0 : firstAfter(order, after); i < order.length; i++) {
        const entry = order[i] as Entry
        if (entry.retain > until) {
          return
        }
        if (entries.has(entry)) {
          yield entry
        }
      }
    }
  }

  /** The position of the first second that is `second` or later. */
  #firstFrom(second: number): number {
    let [low, high] = [0, this.#seconds.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#seconds[middle] as number) < second) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }
}

const NO_ENTRIES = { entries: new Set<never>(), order: [] }

/** The order of a store's index. */
export function compareRefs(a: StoreRef, b: StoreRef): number {
  return a.retain - b.retain || compareText(a.record, b.record) || compareText(a.hash, b.hash)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function secondOf(ms: number): number {
  return Math.floor(ms / SECOND_MS)
}

/** Sorts a bucket unless it is sorted, and forgets what was removed once that is most of it. */
function sort<Entry extends StoreRef>(bucket: Bucket<Entry>): { entries: Set<Entry>; order: Entry[] } {
  const { entries } = bucket
  if (bucket.order === undefined) {
    bucket.order = [...entries].sort(compareRefs)
  } else if (bucket.order.length > 2 * entries.size) {
    bucket.order = bucket.order.filter((entry) => entries.has(entry))
  }
  return { entries, order: bucket.order }
}

/** The position of the first entry after `ref`. */
function firstAfter(order: readonly StoreRef[], ref: StoreRef): number {
  let [low, high] = [0, order.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareRefs(order[middle] as StoreRef, ref) > 0) {
      high = middle
    } else {
      low = middle + 1
    }
  }
  return low
}
