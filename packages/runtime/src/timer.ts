/**
 * Longest time that a timer of Node and of browsers takes, milliseconds: 2^31 - 1, about 24.8 days. Node fires after 1 ms
 * for more, https://nodejs.org/api/timers.html#settimeoutcallback-delay-args; browsers reduce it modulo 2^32.
 */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Options of {@link after}. */
export interface TimerOptions {
  /** whether the timer keeps a Node process running; default: true */
  readonly keepAlive?: boolean
}

/**
 * Runs `work` once, `ms` milliseconds from now. Durations beyond the 2^31 - 1 ms of `setTimeout` are a chain of timers;
 * `Infinity` sets no timer, so `work` never runs. The returned function cancels it.
 *
 * @throws RangeError when `ms` is negative or not a number
 * @example
 * ```ts
 * import { after } from '@sr/runtime'
 *
 * const cancel = after(60 * 86_400_000, () => console.log('in 60 days'))
 * cancel()
 * after(Infinity, () => console.log('never'))
 * ```
 */
export function after(ms: number, work: () => void, { keepAlive = true }: TimerOptions = {}): () => void {
  if (typeof ms !== 'number' || !(ms >= 0)) {
    throw new RangeError(`the duration is ${String(ms)}; expected milliseconds from 0 to Infinity`)
  }
  let timer: unknown
  let left = ms
  const next = (): void => {
    const step = Math.min(left, MAX_TIMER_MS)
    left -= step
    timer = setTimeout(left > 0 ? next : work, step)
    if (!keepAlive) {
      unref(timer)
    }
  }
  if (ms < Infinity) {
    next()
  }
  return () => {
    clearTimeout(timer as number | undefined)
  }
}

/** Node ends although the timer is set. A timer of a browser is a number and has no `unref`. */
function unref(timer: unknown): void {
  if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function') {
    timer.unref()
  }
}
