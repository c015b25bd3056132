import type { Stamp } from '../update.ts'
import type { LiveUpdate } from './state.ts'

/** Updates with consecutive stamps, in stamp order, with bounds on when they end. */
export class Chunk {
  readonly items: LiveUpdate[]
  /** the seqs of the items in one array: a search reads no item except the result */
  readonly seqs: number[]
  /** lower bound of the instants at which something of these ends that prune has not processed */
  due: number
  /** nothing of these ends after `#from` and before `#next` */
  #from = Infinity
  #next = Infinity
  /** upper bound of the retains */
  retain: number

  // takes the array of items: most documents have one update, and an array that grows reserves room for many
  constructor(items: LiveUpdate[], due: number, retain: number) {
    this.items = items
    this.seqs = items.map(({ seq }) => seq)
    this.due = due
    this.retain = retain
  }

  /** A lower bound of the first end after `now`, or undefined when none is known. */
  next(now: number): number | undefined {
    if (this.due > now) {
      return this.due
    }
    return this.#from <= now && now < this.#next ? this.#next : undefined
  }

  /** Keeps the first end after `now`. */
  keepNext(now: number, next: number): void {
    if (this.due > now) {
      this.due = next
    } else {
      this.#from = now
      this.#next = next
    }
  }

  /** Lowers the bounds for an update that is added, of which something first ends at `due`. */
  lower(due: number): void {
    this.due = Math.min(this.due, due)
    this.#from = Infinity
  }

  get size(): number {
    return this.items.length
  }

  /** Returns the index of a stamp, or the index at which it would be inserted. */
  indexOf(stamp: Stamp): number {
    const { seqs } = this
    let low = 0
    let high = seqs.length
    if (high > 0 && this.isBefore(high - 1, stamp)) {
      return high
    }
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.isBefore(middle, stamp)) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }

  /** Whether the item at an index comes before a stamp. */
  isBefore(at: number, { seq, hash }: Stamp): boolean {
    const here = this.seqs[at] as number
    return here < seq || (here === seq && (this.items[at] as LiveUpdate).hash < hash)
  }

  insert(update: LiveUpdate, at: number): void {
    if (at === this.items.length) {
      this.items.push(update)
      this.seqs.push(update.seq)
    } else {
      this.items.splice(at, 0, update)
      this.seqs.splice(at, 0, update.seq)
    }
    this.retain = Math.max(this.retain, update.retain)
  }

  remove(at: number): void {
    if (at === 0) {
      // the most frequent case, and shift is cheaper than splice
      this.items.shift()
      this.seqs.shift()
    } else {
      this.items.splice(at, 1)
      this.seqs.splice(at, 1)
    }
  }

  /** Appends the items of the chunk that follows. */
  append(next: Chunk): void {
    this.items.push(...next.items)
    this.seqs.push(...next.seqs)
    this.lower(next.due)
    this.retain = Math.max(this.retain, next.retain)
  }

  /** Moves the items from an index on into a new chunk. */
  split(at: number): Chunk {
    this.seqs.splice(at)
    return new Chunk(this.items.splice(at), this.due, this.retain)
  }

  /** Computes the latest retain exactly. */
  latestRetain(): number {
    this.retain = 0
    for (const update of this.items) {
      this.retain = Math.max(this.retain, update.retain)
    }
    return this.retain
  }
}
