import { compareStamps, type Stamp } from '../update.ts'

/** Entries up to which the heap is never stale: a rebuild would cost more than it frees. */
const MIN_STALE = 64

/**
 * A binary heap of values by stamp, oldest first: the children of one container by the oldest stamp in each, so that
 * an overwrite visits affected children only. A child may have several entries, also after its removal; the caller
 * checks what it pops.
 */
export class StampHeap<T> {
  readonly #stamps: Stamp[] = []
  readonly #values: T[] = []

  /** the smallest stamp */
  get oldest(): Stamp | undefined {
    return this.#stamps[0]
  }

  push(source: Stamp, value: T): void {
    const stamp = copyStamp(source)
    let at = this.#stamps.length
    while (at > 0) {
      const above = (at - 1) >> 1
      const other = this.#stamps[above] as Stamp
      if (compareStamps(other, stamp) <= 0) {
        break
      }
      this.#set(at, other, this.#values[above] as T)
      at = above
    }
    this.#set(at, stamp, value)
  }

  /** Removes and returns the value with the smallest stamp. */
  pop(): T | undefined {
    const first = this.#values[0]
    const stamp = this.#stamps.pop()
    const value = this.#values.pop()
    if (stamp !== undefined && value !== undefined && this.#stamps.length > 0) {
      this.#sink(stamp, value)
    }
    return first
  }

  /** Whether more than half of the entries are redundant, for a container of `children` children. */
  isStale(children: number): boolean {
    return this.#stamps.length > 2 * children + MIN_STALE
  }

  /** Places an entry at the root and moves it down until the heap is ordered. */
  #sink(stamp: Stamp, value: T): void {
    const { length } = this.#stamps
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below + 1 < length && compareStamps(this.#stamps[below + 1] as Stamp, this.#stamps[below] as Stamp) < 0) {
        below++
      }
      if (below >= length || compareStamps(this.#stamps[below] as Stamp, stamp) >= 0) {
        break
      }
      this.#set(at, this.#stamps[below] as Stamp, this.#values[below] as T)
      at = below
    }
    this.#set(at, stamp, value)
  }

  #set(at: number, stamp: Stamp, value: T): void {
    this.#stamps[at] = stamp
    this.#values[at] = value
  }
}

/** Copies `seq` and `hash`, so that the holder does not keep a whole update alive. */
export function copyStamp({ seq, hash }: Stamp): Stamp {
  return { seq, hash }
}
