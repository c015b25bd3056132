import { yieldToEventLoop } from '@sr/runtime'
import { MAX_FRAMES_PER_TURN, MAX_TURN_MS } from './limits.ts'

/** Bounds how many frames, and for how long, one stream is served before others are. */
export class EventLoopBudget {
  #frames = 0
  #since = performance.now()

  /** Starts anew: the caller has just waited, so other work has run. */
  renew(): void {
    this.#frames = 0
    this.#since = performance.now()
  }

  /** Counts a frame about to be handled; yields to the event loop when the budget is spent. */
  async spend(): Promise<void> {
    if (++this.#frames > MAX_FRAMES_PER_TURN || performance.now() - this.#since > MAX_TURN_MS) {
      await yieldToEventLoop()
      this.renew()
    }
  }
}
