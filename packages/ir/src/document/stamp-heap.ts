import { compareStamps, type Stamp } from '../update.ts'

/** Below this many entries it is not worth while to look for those that nobody needs. */
const FEW = 64

/**
 * The children of one container by the first stamp that is in each, first of all first: so that a floor
 * finds what is below it without a look at the rest. A binary heap. A child may have several
 * entries, and one that has gone some; whoever takes an entry out sees what it is worth.
 */
export class StampHeap<T> {
  readonly #lows: Stamp[] = []
  readonly #places: T[] = []

  /** the first stamp of all */
  get least(): Stamp | undefined {
    return this.#lows[0]
  }

  push(stamp: Stamp, place: T): void {
    const low = copyOf(stamp)
    let at = this.#lows.length
    while (at > 0) {
      const above = (at - 1) >> 1
      const other = this.#lows[above] as Stamp
      if (compareStamps(other, low) <= 0) {
        break
      }
      this.#set(at, other, this.#places[above] as T)
      at = above
    }
    this.#set(at, low, place)
  }

  /** Takes out the child with the first stamp. */
  pop(): T | undefined {
    const first = this.#places[0]
    const low = this.#lows.pop()
    const place = this.#places.pop()
    if (low !== undefined && place !== undefined && this.#lows.length > 0) {
      this.#sink(low, place)
    }
    return first
  }

  /** Whether most entries are of children that have gone, or have another; so many children there are. */
  isStale(children: number): boolean {
    return this.#lows.length > 2 * children + FEW
  }

  /** Puts what was last where the first was, and from there down to where it belongs. */
  #sink(low: Stamp, place: T): void {
    const { length } = this.#lows
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below + 1 < length && compareStamps(this.#lows[below + 1] as Stamp, this.#lows[below] as Stamp) < 0) {
        below++
      }
      if (below >= length || compareStamps(this.#lows[below] as Stamp, low) >= 0) {
        break
      }
      this.#set(at, this.#lows[below] as Stamp, this.#places[below] as T)
      at = below
    }
    this.#set(at, low, place)
  }

  #set(at: number, low: Stamp, place: T): void {
    this.#lows[at] = low
    this.#places[at] = place
  }
}

/** A stamp by itself. An update is a stamp, too, but whoever keeps that keeps all it knows. */
export function copyOf({ seq, hash }: Stamp): Stamp {
  return { seq, hash }
}
