import { after } from '@sr/runtime'

/** The source of time of a machine. */
export interface Clock {
  /** wall clock, milliseconds since 1970; it may be set forward and back */
  now(): number
  /** monotonic clock, milliseconds since an arbitrary instant */
  monotonic(): number
  /** Runs `work` once, `ms` from now. The returned function cancels it. */
  after(ms: number, work: () => void): () => void
}

/**
 * The clock of the process. Its timers do not keep the process alive.
 *
 * @example
 * ```ts
 * import { systemClock } from '@sr/vm'
 *
 * const clock = systemClock()
 * console.log(clock.now() > Date.UTC(2024), clock.monotonic() <= clock.monotonic()) // true true
 * ```
 */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after: (ms, work) => after(ms, work, { keepAlive: false }),
  }
}
