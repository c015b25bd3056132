import type { Stamp } from '../update.ts'

/** An update in a chunk. */
export interface ChunkItem<T extends ChunkItem<T>> extends Stamp {
  readonly retain: number
  chunk: UpdateChunk<T> | undefined
}

/** Some updates with consecutive stamps, in order, with bounds that hold for all of them. */
export class UpdateChunk<T extends ChunkItem<T>> {
  readonly items: T[]
  /** the seqs of the items, side by side: a search reads no item but the one it finds */
  readonly seqs: number[]
  /** nothing of these ends before this; may be too early, never too late */
  due: number
  /** none of these is retained longer; may be too late, never too early */
  retain: number

  // made of its items: most documents have one update, and arrays that grow by themselves take room for many
  constructor(items: T[], due: number, retain: number) {
    this.items = items
    this.#own(items)
    this.seqs = items.map(({ seq }) => seq)
    this.due = due
    this.retain = retain
  }

  get size(): number {
    return this.items.length
  }

  /** Where a stamp stands, or would stand. */
  place(stamp: Stamp): number {
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

  /** Whether the item at a place comes before a stamp. */
  isBefore(at: number, { seq, hash }: Stamp): boolean {
    const here = this.seqs[at] as number
    return here < seq || (here === seq && (this.items[at] as T).hash < hash)
  }

  insert(update: T, at: number): void {
    update.chunk = this
    if (at === this.items.length) {
      this.items.push(update)
      this.seqs.push(update.seq)
    } else {
      this.items.splice(at, 0, update)
      this.seqs.splice(at, 0, update.seq)
    }
    this.retain = Math.max(this.retain, update.retain)
  }

  remove(update: T): void {
    update.chunk = undefined
    if (this.items[0] === update) {
      // most often it is the oldest that nothing needs any more, and to take the first costs least
      this.items.shift()
      this.seqs.shift()
    } else {
      const at = this.place(update)
      this.items.splice(at, 1)
      this.seqs.splice(at, 1)
    }
  }

  /** Takes over the items of the chunk that follows. */
  append(next: UpdateChunk<T>): void {
    this.#own(next.items)
    this.items.push(...next.items)
    this.seqs.push(...next.seqs)
    this.due = Math.min(this.due, next.due)
    this.retain = Math.max(this.retain, next.retain)
  }

  /** Gives away the items from a place on. */
  split(at: number): UpdateChunk<T> {
    this.seqs.splice(at)
    return new UpdateChunk(this.items.splice(at), this.due, this.retain)
  }

  /** The latest retain, exactly. */
  latestRetain(): number {
    this.retain = 0
    for (const update of this.items) {
      this.retain = Math.max(this.retain, update.retain)
    }
    return this.retain
  }

  #own(items: readonly T[]): void {
    for (const update of items) {
      update.chunk = this
    }
  }
}
