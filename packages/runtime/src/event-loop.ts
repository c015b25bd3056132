import { after } from './timer.ts'

type Later = (run: () => void) => unknown

const later: Later = (globalThis as { setImmediate?: Later }).setImmediate ?? ((run) => after(0, run))

/** Yields to the event loop: timers and I/O that are due run before the returned promise resolves. */
export async function yieldToEventLoop(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  later(resolve)
  await promise
}

/** Work that waits for a turn of the event loop. */
interface Waiting {
  readonly units: number
  readonly resolve: () => void
}

/**
 * Bounds the work that is done between two looks at timers and I/O, however many calls do it at once. Work is counted in units, not in
 * time, so that the same calls interleave the same way in every run.
 *
 * @example
 * ```ts
 * import { EventLoopBudget } from '@sr/runtime'
 *
 * const budget = new EventLoopBudget(100)
 * console.log(budget.take(60)) // undefined
 * await budget.take(60) // in the next turn of the event loop
 * ```
 */
export class EventLoopBudget {
  readonly #max: number
  readonly #waiting: Waiting[] = []
  /** units taken since timers and I/O had their turn */
  #taken = 0

  /** `max` units may be done in one turn of the event loop; more than that by a single piece of work. */
  constructor(max: number) {
    this.#max = max
  }

  /**
   * Takes units of work that begins now, and returns undefined, if the turn has room for it; otherwise returns a promise that resolves
   * when it may begin. Calls that wait come in order.
   */
  take(units: number): Promise<void> | undefined {
    if (this.#waiting.length === 0 && this.#hasRoom(units)) {
      this.#count(units)
      return undefined
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push({ units, resolve })
    return promise
  }

  #hasRoom(units: number): boolean {
    return this.#taken === 0 || this.#taken + units <= this.#max
  }

  #count(units: number): void {
    if (this.#taken === 0) {
      later(this.#renew)
    }
    // work of no units counts, too: otherwise the next turn is not planned
    this.#taken += Math.max(1, units)
  }

  readonly #renew = (): void => {
    this.#taken = 0
    for (let next = this.#waiting[0]; next !== undefined && this.#hasRoom(next.units); next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#count(next.units)
      next.resolve()
    }
  }
}
