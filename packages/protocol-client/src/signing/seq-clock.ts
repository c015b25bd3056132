import { seqTime } from '@sr/ir/validate'

/**
 * How far a seq of a receipt may be ahead of this clock to be followed, ms: a server accepts up to 300 s ahead of its own, and that may
 * be 300 s ahead of this one. Beyond it a server could make this writer sign for the far future.
 */
const MAX_FOLLOW_MS = 600_000

/** How much seq is reserved at a time, µs: a restart continues above it, at most a second ahead of the clock. */
const RESERVE_US = 1_000_000

/** The hybrid logical clock of one writer: strictly rising, over restarts too when its reservations are kept. */
export class SeqClock {
  readonly #now: () => number
  /** highest seq that may have been published */
  #said: number
  /** seqs of updates whose answer has not arrived */
  readonly #pending = new Set<number>()
  #reserved: number

  /** @param reserved no seq above it was used before */
  constructor(now: () => number, reserved: number = 0) {
    this.#now = now
    this.#said = reserved
    this.#reserved = reserved
  }

  get now(): number {
    return this.#now()
  }

  /** A new seq. `offsetMs`: how far the server's clock is from this one. */
  next(offsetMs: number): number {
    // below the millisecond the digits are random: two devices of one writer seldom take the same seq
    const base = Math.floor((this.#now() + offsetMs) * 1000) + Math.floor(Math.random() * 1000)
    const seq = Math.max(base, this.#highest + 1)
    this.#pending.add(seq)
    return seq
  }

  /** What must be kept before `seq` is used; undefined when that was reserved before. */
  reservation(seq: number): number | undefined {
    if (seq <= this.#reserved) {
      return undefined
    }
    this.#reserved = seq + RESERVE_US
    return this.#reserved
  }

  /** An update may have been published. */
  settle(seq: number): void {
    this.#pending.delete(seq)
    this.#said = Math.max(this.#said, seq)
  }

  /** An update was not published: its seq does not hold the clock up. Returns the reservation that is left. */
  withdraw(seq: number): number {
    this.#pending.delete(seq)
    this.#reserved = this.#highest
    return this.#reserved
  }

  /** Moves past a seq of this writer that a server has. Returns whether it did, or was past it. */
  follow(seq: number): boolean {
    if (seqTime(seq) > this.#now() + MAX_FOLLOW_MS) {
      return false
    }
    this.#said = Math.max(this.#said, seq)
    return true
  }

  get #highest(): number {
    return Math.max(this.#said, ...this.#pending)
  }
}
