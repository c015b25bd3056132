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
    after: (ms, work) => {
      const timer: unknown = setTimeout(work, ms)
      // a timer of Node keeps the process alive until unref; a timer of a browser is a number
      if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function') {
        timer.unref()
      }
      return () => {
        clearTimeout(timer as number)
      }
    },
  }
}
