import { breathe } from './breathe.ts'
import type { Clock } from './clock.ts'

/** A clock that moves only when told to. */
export interface ManualClock extends Clock {
  /** Time goes by: both clocks move, what falls due runs in its order, and what it set going is waited for. */
  advance(ms: number): Promise<void>
  /** Somebody sets the wall clock: it moves, time does not. */
  set(now: number): void
}

/** Turns of the microtask queue that work set going by a timer is given before time goes on. */
const SETTLE_TURNS = 50

interface Timer {
  readonly at: number
  readonly order: number
  readonly work: () => void
}

/**
 * The in-memory twin of {@link Clock}, for tests and simulations.
 *
 * @example
 * ```ts
 * import { manualClock } from '@sr/vm'
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
  let order = 0
  const timers = new Set<Timer>()

  const nextBy = (end: number): Timer | undefined => {
    let first: Timer | undefined
    for (const timer of timers) {
      if (
        timer.at <= end &&
        (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order))
      ) {
        first = timer
      }
    }
    return first
  }

  return {
    now: () => offset + elapsed,
    monotonic: () => elapsed,
    after(ms, work) {
      const timer: Timer = { at: elapsed + Math.max(0, ms), order: order++, work }
      timers.add(timer)
      return () => {
        timers.delete(timer)
      }
    },
    set(now) {
      offset = now - elapsed
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
  // a machine lets others have a turn between two askers
  await breathe()
  await microtasks()
}

async function microtasks(): Promise<void> {
  for (let turn = 0; turn < SETTLE_TURNS; turn++) {
    await Promise.resolve()
  }
}
