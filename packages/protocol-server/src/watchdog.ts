import { ProtocolError } from '@sr/protocol'

/** One deadline at a time. When it passes, `expired` rejects and the callback runs, once. */
export class Watchdog {
  readonly expired: Promise<never>
  readonly #bite: (error: ProtocolError) => void
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(onExpired: (error: ProtocolError) => void) {
    const { promise, reject } = Promise.withResolvers<never>()
    promise.catch(() => {}) // often nobody waits for it
    this.expired = promise
    this.#timer = undefined
    this.#bite = (error) => {
      reject(error)
      onExpired(error)
    }
  }

  /** From now on there are so many milliseconds, instead of what was left. */
  arm(ms: number, what: string): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#bite(
        new ProtocolError('PROTOCOL_TIMEOUT', `${what} took longer than ${ms} ms`, { limit: what, max: ms, got: ms }),
      )
    }, ms)
  }

  disarm(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
