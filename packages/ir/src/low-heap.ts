import type { Member, Slot } from './slot.ts'

/** Below this many entries it is not worth while to look for those that nobody needs. */
const FEW = 64

/**
 * The children of one container by the lowest seq that is in each, lowest first: so that a floor
 * finds what is below it without a look at the rest. A binary heap. A child may have several
 * entries, and one that has gone some; whoever takes an entry out sees what it is worth.
 */
export class LowHeap {
  readonly #lows: number[] = []
  readonly #places: Array<Slot | Member> = []

  /** the lowest seq, or Infinity */
  get least (): number {
    return this.#lows[0] ?? Infinity
  }

  push (low: number, place: Slot | Member): void {
    let at = this.#lows.length
    while (at > 0) {
      const above = (at - 1) >> 1
      const other = this.#lows[above] as number
      if (other <= low) {
        break
      }
      this.#set(at, other, this.#places[above] as Slot | Member)
      at = above
    }
    this.#set(at, low, place)
  }

  /** Takes out the child with the lowest seq. */
  pop (): Slot | Member | undefined {
    const first = this.#places[0]
    const low = this.#lows.pop()
    const place = this.#places.pop()
    if (low !== undefined && place !== undefined && this.#lows.length > 0) {
      this.#sink(low, place)
    }
    return first
  }

  /** Whether most entries are of children that have gone, or have another; so many children there are. */
  isStale (children: number): boolean {
    return this.#lows.length > 2 * children + FEW
  }

  /** Puts what was last where the first was, and from there down to where it belongs. */
  #sink (low: number, place: Slot | Member): void {
    const { length } = this.#lows
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below + 1 < length && (this.#lows[below + 1] as number) < (this.#lows[below] as number)) {
        below++
      }
      if (below >= length || (this.#lows[below] as number) >= low) {
        break
      }
      this.#set(at, this.#lows[below] as number, this.#places[below] as Slot | Member)
      at = below
    }
    this.#set(at, low, place)
  }

  #set (at: number, low: number, place: Slot | Member): void {
    this.#lows[at] = low
    this.#places[at] = place
  }
}
