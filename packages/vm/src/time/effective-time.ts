import type { Clock } from './clock.ts'

const HOUR_MS = 3_600_000

/** How far the wall clock may be from the effective time and be trusted at once, milliseconds. */
const MAX_JUMP_MS = HOUR_MS

/** How long the wall clock must run steadily to be trusted wherever it is, milliseconds of the monotonic clock. */
const PROBATION_MS = HOUR_MS

/** How much a steady wall clock may drift against the steady clock, milliseconds. Closer than this, time only slews. */
const MAX_DRIFT_MS = 60_000

/** How fast the effective time approaches the wall clock: 500 ppm, as adjtime and ntpd do (RFC 5905, appendix A.1.1). */
const SLEW = 500e-6

/** Shortest time of sleep that is recognised, milliseconds; `os.uptime()` of macOS counts whole seconds. */
const MIN_SLEEP_MS = 5000

/** How often the clock that counts sleep is read without a jump of the wall clock, milliseconds: on Linux it is a file. */
const UPTIME_MS = 60_000

/** The time, and whether it is confirmed. */
export interface Instant {
  /** whole milliseconds since 1970; reads hide what has expired by it */
  readonly now: number
  /** false while the wall clock is too far ahead to be trusted: then nothing is deleted or admitted */
  readonly confirmed: boolean
  /** how long the wall clock must still run steadily until it is confirmed, milliseconds; 0 when it is */
  readonly retryAfterMs: number
}

/** One look at all clocks. */
interface Sample {
  readonly wall: number
  readonly monotonic: number
  /** monotonic time plus the time of sleep */
  readonly steady: number
}

/**
 * The time that a machine uses. The README states its law; in short: it advances with the monotonic clock and with sleep,
 * slews to the wall clock, steps forward to a wall clock that has run steadily for an hour, and never steps back once the wall
 * clock has run steadily for an hour since the start. It looks at the clocks in `read` only.
 */
export class EffectiveTime {
  readonly #clock: Clock
  #last: Sample
  /** a reading of the clock that counts sleep, and of the monotonic clock with it */
  #uptime: { readonly at: number; readonly monotonic: number } | undefined
  /** the effective time at `#last` */
  #now: number
  /** the confirmed time of an earlier run; 0 without one */
  #floor = 0
  /** the place of the wall clock against the steady clock, and since when it is there by the monotonic clock */
  #anchor: { readonly offset: number; readonly since: number }
  /** whether the wall clock has run steadily for an hour since the start */
  #settled = false
  /** whether the wall clock was earlier than the confirmed time of the run before, and still is */
  #behind = false
  #trusted = true

  constructor(clock: Clock) {
    const [wall, monotonic] = [clock.now(), clock.monotonic()]
    this.#clock = clock
    this.#readUptime(monotonic)
    this.#last = { wall, monotonic, steady: monotonic }
    this.#now = wall
    this.#anchor = { offset: wall - monotonic, since: monotonic }
  }

  /** Continues after an earlier run: the time is never before `floor`, its confirmed time. */
  resume(floor: number): void {
    this.#floor = floor
    this.#sample()
    this.#begin()
  }

  /** The time to be saved for the next run: undefined before the wall clock has run steadily for an hour, and while it is unconfirmed. */
  get confirmed(): number | undefined {
    return this.#settled && this.#trusted ? Math.floor(this.#now) : undefined
  }

  /** Whether what has expired may be deleted: the time will not step back. */
  get final(): boolean {
    return this.#trusted && this.#settled
  }

  read(): Instant {
    const elapsed = this.#sample()
    const { wall, monotonic } = this.#last
    const steadyMs = monotonic - this.#anchor.since
    const steady = steadyMs >= PROBATION_MS
    const expected = this.#now + elapsed
    const ahead = wall - expected
    this.#now = expected
    this.#trusted = true
    this.#settled ||= steady
    if (!this.#settled && ((this.#behind && ahead >= 0) || (!this.#behind && ahead < -MAX_JUMP_MS))) {
      this.#begin()
    } else if (ahead > MAX_JUMP_MS && !steady) {
      this.#trusted = false
      return { now: Math.floor(wall), confirmed: false, retryAfterMs: Math.ceil(PROBATION_MS - steadyMs) }
    } else if (ahead > MAX_DRIFT_MS && steady) {
      this.#now = wall
    } else {
      this.#now += clamp(ahead, SLEW * elapsed)
    }
    return { now: Math.floor(this.#now), confirmed: true, retryAfterMs: 0 }
  }

  /** Trusts the wall clock from now on, as an hour of steady running does. Time does not step back to a confirmed one. */
  confirm(): Instant {
    this.read()
    const { wall } = this.#last
    this.#now = this.#settled ? Math.max(this.#now, wall) : Math.max(this.#floor, wall)
    this.#anchor = { ...this.#anchor, since: this.#last.monotonic - PROBATION_MS }
    this.#settled = true
    this.#behind = false
    return this.read()
  }

  /** Takes the wall clock, or the confirmed time of an earlier run where that is later. */
  #begin(): void {
    const { wall } = this.#last
    this.#behind = wall < this.#floor
    this.#now = Math.max(this.#floor, wall)
  }

  /** The time of sleep since the look before, when the wall clock has jumped by `jump`. */
  #sleep(monotonic: number, jump: number): number {
    const before = this.#uptime
    if (before === undefined || (jump < MIN_SLEEP_MS && monotonic < before.monotonic + UPTIME_MS)) {
      return 0
    }
    const uptime = this.#readUptime(monotonic)
    const suspended = uptime - before.at - (monotonic - before.monotonic)
    const slept = Math.min(suspended, jump)
    return slept >= MIN_SLEEP_MS ? slept : 0
  }

  #readUptime(monotonic: number): number {
    const at = this.#clock.uptime?.()
    this.#uptime = at === undefined ? undefined : { at, monotonic }
    return at ?? 0
  }

  /** Looks at the clocks; returns the steady time since the look before. */
  #sample(): number {
    const { wall: wallBefore, monotonic: before, steady: steadyBefore } = this.#last
    const wall = finite(this.#clock.now(), wallBefore)
    const monotonic = Math.max(before, finite(this.#clock.monotonic(), before))
    const running = monotonic - before
    const elapsed = running + this.#sleep(monotonic, wall - wallBefore - running)
    const steady = steadyBefore + elapsed
    this.#last = { wall, monotonic, steady }
    const moved = wall - steady - this.#anchor.offset
    // two clocks drift apart: that is no jump
    const offset = this.#anchor.offset + clamp(moved, SLEW * elapsed)
    this.#anchor =
      Math.abs(wall - steady - offset) > MAX_DRIFT_MS
        ? { offset: wall - steady, since: monotonic }
        : { offset, since: this.#anchor.since }
    return elapsed
  }
}

/** The nearest value from `-most` to `most`. */
function clamp(value: number, most: number): number {
  return Math.max(-most, Math.min(most, value))
}

/** A reading of a clock, or the one before where it is no number. */
function finite(reading: number, before: number): number {
  return Number.isFinite(reading) ? reading : before
}
