/** Room for counters. A few thousand are used. */
const ROOM = 1 << 15

/** The counters that instrumented modules count in. */
export const counters: Uint32Array = new Uint32Array(ROOM)

/** A count in classes of 1, 2, 3, 4–7, 8–15, 16–31, 32–127 and more, a bit each, as AFL has them. */
const CLASSES: Uint8Array = Uint8Array.from({ length: 128 }, (_, count) =>
  count === 0 ? 0 : count < 4 ? 1 << (count - 1) : count < 8 ? 8 : count < 16 ? 16 : count < 32 ? 32 : 64,
)
const MOST = 128

/** What an execution has shown. */
export interface Shown {
  /** whether it went where none went before, or as often as none */
  fresh: boolean
  /** all counts together: how long it took, in a measure that no clock disturbs */
  work: number
}

/** Remembers which edges were seen, and how often in one execution. */
export class Coverage {
  readonly #seen: Uint8Array
  readonly #used: number

  constructor(used: number) {
    this.#used = used
    this.#seen = new Uint8Array(used)
  }

  /** Takes in what the counters show, and sets them back. */
  take(): Shown {
    const seen = this.#seen
    const used = this.#used
    let fresh = false
    let work = 0
    for (let i = 0; i < used; i++) {
      const count = counters[i] as number
      if (count === 0) continue
      work += count
      const bit = count < MOST ? (CLASSES[count] as number) : 128
      if (((seen[i] as number) & bit) === 0) {
        seen[i] = (seen[i] as number) | bit
        fresh = true
      }
      counters[i] = 0
    }
    return { fresh, work }
  }

  /** Sets the counters back without looking. */
  forget(): void {
    counters.fill(0, 0, this.#used)
  }

  get edges(): number {
    let edges = 0
    for (const bits of this.#seen) if (bits !== 0) edges++
    return edges
  }
}
