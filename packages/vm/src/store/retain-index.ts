import type { IndexPage, StoreRef } from './store.ts'

const SECOND_MS = 1000

/** Entries that are sorted together, in 1 ms: a second may have 100,000 entries. */
const RUN = 2048

/** Removed entries that runs may have, whatever the number of entries. */
const MAX_REMOVED = 64

/** The entries of one second. */
interface Bucket<Entry> {
  readonly entries: Set<Entry>
  /** arrays in order that together have all entries but the recent ones, and some that were removed since */
  readonly runs: Entry[][]
  /** length of the runs in all */
  sorted: number
  /** the run to take removed entries out of next, modulo their number */
  next: number
  /** entries in no run yet */
  readonly recent: Set<Entry>
}

/**
 * Entries by `retain`, then by record and hash: in a bucket per second, with the seconds in a sorted array. A bucket is sorted in
 * runs as they fill, and the rest when a page of it is read; a page is merged from the runs.
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
      bucket = { entries: new Set(), runs: [], sorted: 0, next: 0, recent: new Set() }
      this.#buckets.set(second, bucket)
      this.#seconds.splice(this.#firstFrom(second), 0, second)
    }
    bucket.entries.add(entry)
    bucket.recent.add(entry)
    if (bucket.recent.size >= RUN) {
      sortRecent(bucket)
    }
    this.#size++
  }

  remove(entry: Entry): void {
    const second = secondOf(entry.retain)
    const bucket = this.#buckets.get(second)
    if (bucket?.entries.delete(entry) === true) {
      this.#size--
      bucket.recent.delete(entry)
      dropRemoved(bucket)
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
      for (const entry of inOrder(this.#buckets.get(second), after)) {
        if (entry.retain > until) {
          return
        }
        yield entry
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

/** Sorts the recent entries into a run; a short run takes more. */
function sortRecent<Entry extends StoreRef>(bucket: Bucket<Entry>): void {
  const { runs, recent } = bucket
  if (recent.size > 0) {
    const short = (runs.at(-1)?.length ?? RUN) < RUN ? (runs.pop() ?? []) : []
    runs.push([...short, ...recent].sort(compareRefs))
    bucket.sorted += recent.size
    recent.clear()
  }
}

/** Takes removed entries, which hold bytes, out of one run after the other once they are most of all. */
function dropRemoved<Entry extends StoreRef>(bucket: Bucket<Entry>): void {
  const { entries, recent, runs } = bucket
  const left = entries.size - recent.size
  if (bucket.sorted - left > Math.max(left, MAX_REMOVED)) {
    const at = bucket.next++ % runs.length
    const run = runs[at] as Entry[]
    const kept = run.filter((entry) => entries.has(entry))
    bucket.sorted -= run.length - kept.length
    runs.splice(at, 1, ...(kept.length > 0 ? [kept] : []))
  }
}

/** The entries of a bucket after `ref`. */
function* inOrder<Entry extends StoreRef>(
  bucket: Bucket<Entry> | undefined,
  ref: StoreRef | undefined,
): Iterable<Entry> {
  if (bucket === undefined) {
    return
  }
  sortRecent(bucket)
  const { entries } = bucket
  // in the order of the entries at `at`
  const heads = bucket.runs
    .map((run) => ({ run, at: ref === undefined ? 0 : firstAfter(run, ref, (entry) => entry) }))
    .filter(({ run, at }) => at < run.length)
    .sort((a, b) => compareRefs(headOf(a), headOf(b)))
  for (let head = heads.shift(); head !== undefined; head = heads.shift()) {
    const entry = headOf(head)
    if (entries.has(entry)) {
      yield entry
    }
    head.at++
    if (head.at < head.run.length) {
      heads.splice(firstAfter(heads, headOf(head), headOf), 0, head)
    }
  }
}

/** A run, and the next of its entries. */
interface Head<Entry> {
  readonly run: readonly Entry[]
  at: number
}

function headOf<Entry>({ run, at }: Head<Entry>): Entry {
  return run[at] as Entry
}

/** The position of the first of some ordered items whose entry is after `ref`. */
function firstAfter<T>(order: readonly T[], ref: StoreRef, entryOf: (item: T) => StoreRef): number {
  let [low, high] = [0, order.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareRefs(entryOf(order[middle] as T), ref) > 0) {
      high = middle
    } else {
      low = middle + 1
    }
  }
  return low
}
