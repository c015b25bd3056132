import { MAX_FRAMES_PER_TURN, MAX_TURN_MS } from '@sr/protocol'

/** Lets everything else that waits have its turn. */
export const yieldTurn: () => Promise<void> =
  'setImmediate' in globalThis
    ? () =>
        new Promise((resolve) => {
          ;(globalThis as unknown as { setImmediate: (run: () => void) => void }).setImmediate(resolve)
        })
    : () =>
        new Promise((resolve) => {
          setTimeout(resolve, 0)
        })

/** Keeps one peer's frames from taking the event loop for themselves. */
export class Turn {
  #frames: number
  #since: number

  constructor() {
    this.#frames = 0
    this.#since = performance.now()
  }

  /** Bytes were waited for: others had their turn. */
  renew(): void {
    this.#frames = 0
    this.#since = performance.now()
  }

  /** A frame is about to be handled. */
  async frame(): Promise<void> {
    if (++this.#frames > MAX_FRAMES_PER_TURN || performance.now() - this.#since > MAX_TURN_MS) {
      await yieldTurn()
      this.renew()
    }
  }
}
