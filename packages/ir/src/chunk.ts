import type { Held } from './life.ts'
import type { Stamp } from './update.ts'

/** Some updates with consecutive stamps, in their order, and what is known of them together. */
export class Chunk {
  readonly items: Held[]
  /** the seqs of the items, side by side: a search reads no item but the one it finds */
  readonly seqs: number[]
  /** nothing of these ends before this; may be too early, never too late */
  due: number
  /** none of these is retained longer; may be too late, never too early */
  retain: number

  // made of its items: most documents have one update, and arrays that grow by themselves take room for many
  constructor(items: Held[], due: number, retain: number) {
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
    return here < seq || (here === seq && (this.items[at] as Held).hash < hash)
  }

  insert(held: Held, at: number): void {
    held.chunk = this
    if (at === this.items.length) {
      this.items.push(held)
      this.seqs.push(held.seq)
    } else {
      this.items.splice(at, 0, held)
      this.seqs.splice(at, 0, held.seq)
    }
    this.retain = Math.max(this.retain, held.retain)
  }

  remove(held: Held): void {
    held.chunk = undefined
    if (this.items[0] === held) {
      // most often it is the oldest that nothing needs any more, and to take the first costs least
      this.items.shift()
      this.seqs.shift()
    } else {
      const at = this.place(held)
      this.items.splice(at, 1)
      this.seqs.splice(at, 1)
    }
  }

  /** Takes over the items of the chunk that follows. */
  append(next: Chunk): void {
    this.#own(next.items)
    this.items.push(...next.items)
    this.seqs.push(...next.seqs)
    this.due = Math.min(this.due, next.due)
    this.retain = Math.max(this.retain, next.retain)
  }

  /** Gives away the items from a place on. */
  split(at: number): Chunk {
    this.seqs.splice(at)
    return new Chunk(this.items.splice(at), this.due, this.retain)
  }

  /** The latest retain, exactly. */
  latestRetain(): number {
    this.retain = 0
    for (const held of this.items) {
      this.retain = Math.max(this.retain, held.retain)
    }
    return this.retain
  }

  #own(items: readonly Held[]): void {
    for (const held of items) {
      held.chunk = this
    }
  }
}
