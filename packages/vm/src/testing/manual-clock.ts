import { yieldToEventLoop } from '@sr/runtime'
import type { Clock } from '../time/clock.ts'

/** A clock that moves only when a test moves it. */
export interface ManualClock extends Clock {
  /** Moves both clocks by `ms`. Timers run in the order of their time; the promises they settle run before the next one. */
  advance(ms: number): Promise<void>
  /** Sets the wall clock; the other clocks stay. */
  set(now: number): void
  /** The computer sleeps: the wall clock and `uptime` move by `ms`; the monotonic clock and timers stand still. */
  sleep(ms: number): void
  uptime(): number
}

/** Passes over the microtask queue after each timer: more than the longest chain of promises that a timer starts. */
const MICROTASK_PASSES = 50

interface Timer {
  readonly at: number
  readonly order: number
  readonly work: () => void
}

/**
 * A {@link Clock} for tests and simulations.
 *
 * @example
 * ```ts
 * import { manualClock } from '@sr/vm/testing'
 *
 * const clock = manualClock(1_000)
 * clock.after(500, () => { console.log('due at', clock.now()) }) // due at 1500
 * await clock.advance(2_000)
 * console.log(clock.now()) // 3000
 * ```
 */
export function manualClock(start: number = Date.UTC(2025, 0)): ManualClock {
  let elapsed = 0
  let offset = start
  let slept = 0
  let order = 0
  const timers = new Set<Timer>()

  const nextBy = (end: number): Timer | undefined =>
    [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0]

  return {
    now: () => offset + elapsed,
    monotonic: () => elapsed,
    uptime: () => elapsed + slept,
    after(ms, work) {
      if (!(ms >= 0)) {
        throw new RangeError(`the duration is ${ms}; expected milliseconds from 0 to Infinity`)
      }
      const timer: Timer = { at: elapsed + ms, order: order++, work }
      timers.add(timer)
      return () => {
        timers.delete(timer)
      }
    },
    set(now) {
      offset = now - elapsed
    },
    sleep(ms) {
      offset += ms
      slept += ms
    },
    async advance(ms) {
      const end = elapsed + ms
      await settle()
      for (let timer = nextBy(end); timer !== undefined; timer = nextBy(end)) {
        timers.delete(timer)
        elapsed = Math.max(elapsed, timer.at)
        timer.work()
        await settle()
      }
      elapsed = end
    },
  }
}

async function settle(): Promise<void> {
  await microtasks()
  // a machine yields to the event loop between two effects
  await yieldToEventLoop()
  await microtasks()
}

async function microtasks(): Promise<void> {
  for (let pass = 0; pass < MICROTASK_PASSES; pass++) {
    await Promise.resolve()
  }
}
