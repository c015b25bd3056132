import { after } from '@sr/runtime'

/** Between two looks at deadlines while a request is under way, milliseconds. */
const TICK_MS = 100

/** The same while there are streams without a request. */
const IDLE_TICK_MS = 5000

/** A look this late, milliseconds, tells that this process slept: what arrived meanwhile has not been read yet. */
const LATE_MS = 1000

/** What a {@link CoarseClock} looks at. */
export interface Timed {
  /** whether a request is under way, so that the clock must look often and keep the process running */
  readonly busy: boolean
  /** Concludes what has passed at `now`, of `performance.now`; false when it needs the clock no more. */
  look(now: number): boolean
  /** The process slept; deadlines are looked at a second later. */
  slept(): void
}

/**
 * One timer for the deadlines of all sessions: timers, AbortControllers and listeners for each request take about 5 % of a
 * small request.
 */
export class CoarseClock {
  readonly #timed = new Set<Timed>()
  #cancel: (() => void) | undefined
  /** when the next look is due; Infinity without one */
  #due = Infinity
  /** until when nothing is concluded */
  #graceUntil = 0

  /** Looks at `timed` from now on, soon if it is busy. */
  watch(timed: Timed): void {
    this.#timed.add(timed)
    this.#schedule(timed.busy)
  }

  #schedule(busy: boolean): void {
    const due = performance.now() + (busy ? TICK_MS : IDLE_TICK_MS)
    if (this.#due <= due) {
      return
    }
    this.#cancel?.()
    this.#due = due
    this.#cancel = after(busy ? TICK_MS : IDLE_TICK_MS, () => this.#tick(), { keepAlive: busy })
  }

  #tick(): void {
    const now = performance.now()
    const isLate = now - this.#due > LATE_MS
    this.#due = Infinity
    if (isLate) {
      this.#graceUntil = now + LATE_MS
    }
    let busy = false
    for (const timed of this.#timed) {
      if (isLate) {
        timed.slept()
      } else if (now >= this.#graceUntil && !timed.look(now)) {
        this.#timed.delete(timed)
        continue
      }
      busy ||= timed.busy
    }
    if (this.#timed.size > 0) {
      this.#schedule(busy)
    }
  }
}

/** The clock of all sessions of this process. */
export const COARSE_CLOCK: CoarseClock = new CoarseClock()
