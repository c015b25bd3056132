import { after } from '@sr/runtime'

/** The source of time of a machine. */
export interface Clock {
  /** wall clock, milliseconds since 1970; it may be set forward and back */
  now(): number
  /** monotonic clock, milliseconds since an arbitrary instant; it may stand still while the computer sleeps */
  monotonic(): number
  /** a clock that also runs while the computer sleeps and that setting the wall clock does not move, milliseconds; absent where the platform has no such clock */
  uptime?(): number
  /** Runs `work` once, `ms` from now: any duration, Infinity for never. The returned function cancels it. */
  after(ms: number, work: () => void): () => void
}

/**
 * The clock of the process. Its timers do not keep the process alive.
 *
 * `performance.now()` of Node stands still while Linux sleeps (https://github.com/nodejs/node/issues/47724) and runs on
 * under macOS (https://github.com/libuv/libuv/pull/2894). `os.uptime()` runs on under both: Linux reads the boot clock
 * (https://man7.org/linux/man-pages/man5/proc_uptime.5.html). Outside of Node there is no `uptime`.
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
  const os = nodeOs()
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    ...(os === undefined ? {} : { uptime: () => os.uptime() * 1000 }),
    after: (ms, work) => after(ms, work, { keepAlive: false }),
  }
}

interface NodeOs {
  uptime(): number
}

/** The module `node:os` where there is one, without an import that a bundler for browsers would have to resolve. */
function nodeOs(): NodeOs | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (id: string) => NodeOs | undefined } }
  return process?.getBuiltinModule?.('node:os')
}
