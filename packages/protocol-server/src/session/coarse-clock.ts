import { after } from '@sr/runtime'

/** How late a deadline may be noticed, milliseconds: no request pays for a timer of its own. */
const TICK_MS = 100

type Tick = (now: number) => void

/** Calls functions about ten times a second, while there are any. One clock serves all sessions of a process. */
class CoarseClock {
  readonly #ticks = new Set<Tick>()
  #cancel: (() => void) | undefined

  /** Calls `tick` with the steady time, milliseconds, until the returned function is called. */
  add(tick: Tick): () => void {
    this.#ticks.add(tick)
    this.#cancel ??= this.#arm()
    return () => {
      this.#ticks.delete(tick)
      if (this.#ticks.size === 0) {
        this.#cancel?.()
        this.#cancel = undefined
      }
    }
  }

  #arm(): () => void {
    return after(
      TICK_MS,
      () => {
        this.#cancel = this.#arm()
        const now = performance.now()
        for (const tick of this.#ticks) {
          tick(now)
        }
      },
      { keepAlive: false },
    )
  }
}

export const coarseClock: CoarseClock = new CoarseClock()
