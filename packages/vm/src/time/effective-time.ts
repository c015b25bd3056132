import type { Clock } from './clock.ts'

/** How far the wall clock may be ahead of the expected time and still be confirmed, milliseconds. */
const MAX_JUMP_MS = 3_600_000

/** How long an unconfirmed wall clock must run steadily until it is confirmed, milliseconds. */
const PROBATION_MS = 3_600_000

/** How much an unconfirmed wall clock may drift against the monotonic clock in that time, milliseconds. */
const MAX_DRIFT_MS = 60_000

/** The time, and whether it is confirmed. */
export interface Instant {
  /** whole milliseconds since 1970; reads hide what has expired by it */
  readonly now: number
  /** false after a jump of the wall clock: then nothing is deleted or admitted */
  readonly confirmed: boolean
}

/**
 * The time that a machine uses: confirmed wall time plus the monotonic time since. It does not follow a wall clock that is
 * set back, and does not confirm one that jumps ahead by more than an hour until it has run steadily for an hour.
 */
export class EffectiveTime {
  readonly #clock: Clock
  #wall: number
  #steady: number
  #unconfirmed: { readonly since: number; readonly offset: number } | undefined

  constructor(clock: Clock) {
    this.#clock = clock
    this.#wall = clock.now()
    this.#steady = clock.monotonic()
  }

  read(): Instant {
    const wall = this.#clock.now()
    const steady = this.#clock.monotonic()
    const expected = this.#wall + (steady - this.#steady)
    if (wall <= expected + MAX_JUMP_MS || this.#isSteady(wall, steady)) {
      this.#unconfirmed = undefined
      if (wall > expected) {
        this.#wall = wall
        this.#steady = steady
      }
      return { now: Math.floor(Math.max(wall, expected)), confirmed: true }
    }
    return { now: Math.floor(wall), confirmed: false }
  }

  /** Whether an unconfirmed wall clock has run steadily for long enough. */
  #isSteady(wall: number, steady: number): boolean {
    const offset = wall - steady
    if (this.#unconfirmed === undefined || Math.abs(offset - this.#unconfirmed.offset) > MAX_DRIFT_MS) {
      this.#unconfirmed = { since: steady, offset }
    }
    return steady - this.#unconfirmed.since >= PROBATION_MS
  }
}
