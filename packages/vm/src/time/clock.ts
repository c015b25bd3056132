/** All that a machine knows of time. */
export interface Clock {
  /** the wall clock: milliseconds since 1970; may be set, forward and back */
  now(): number
  /** milliseconds since some moment; never set, never back */
  monotonic(): number
  /** Runs `work` once, `ms` from now. The returned function calls it off. */
  after(ms: number, work: () => void): () => void
}

/**
 * The clock of the running program. Its timers do not keep a process alive.
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
      // Node's timers hold the process unless told not to; a browser's are numbers
      if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function') {
        timer.unref()
      }
      return () => {
        clearTimeout(timer as number)
      }
    },
  }
}
