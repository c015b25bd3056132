import type { Clock } from './clock.ts'

/** How far the wall clock may be ahead of steady time before it is doubted. */
const DOUBT_MS = 3_600_000

/** How long a doubted wall clock must run steadily until it is believed. */
const PROBATION_MS = 3_600_000

/** How much a doubted wall clock may wander in that time without starting anew. */
const WANDER_MS = 60_000

/** What time it is, and whether that may be relied on. */
export interface Instant {
  /** milliseconds since 1970, whole: what reads hide by */
  readonly now: number
  /** false while the wall clock is doubted: nothing may be deleted or admitted by it then */
  readonly confirmed: boolean
}

/**
 * The time a machine goes by: confirmed wall time and the steady time gone by since. It does not
 * follow a wall clock that is set back, and doubts one that jumps ahead.
 */
export class EffectiveTime {
  readonly #clock: Clock
  #wall: number
  #steady: number
  #doubt: { readonly since: number; readonly offset: number } | undefined

  constructor(clock: Clock) {
    this.#clock = clock
    this.#wall = clock.now()
    this.#steady = clock.monotonic()
  }

  /** What time it is. */
  read(): Instant {
    const wall = this.#clock.now()
    const steady = this.#clock.monotonic()
    const expected = this.#wall + (steady - this.#steady)
    if (wall <= expected + DOUBT_MS || this.#believe(wall, steady)) {
      this.#doubt = undefined
      if (wall > expected) {
        this.#wall = wall
        this.#steady = steady
      }
      return { now: Math.floor(Math.max(wall, expected)), confirmed: true }
    }
    return { now: Math.floor(wall), confirmed: false }
  }

  /** Whether a doubted wall clock has run steadily for long enough. */
  #believe(wall: number, steady: number): boolean {
    const offset = wall - steady
    if (this.#doubt === undefined || Math.abs(offset - this.#doubt.offset) > WANDER_MS) {
      this.#doubt = { since: steady, offset }
    }
    return steady - this.#doubt.since >= PROBATION_MS
  }
}
