/**
 * The time one call has, and the caller's own signal with it. A timer is cleared with its call:
 * those of `AbortSignal.timeout` stay until they fire, thousands of them under load.
 */
export class Deadline {
  readonly #controller: AbortController
  readonly #caller: AbortSignal | undefined
  readonly #onAbort: () => void
  readonly #timer: ReturnType<typeof setTimeout>
  #expired: boolean

  constructor (ms: number, caller: AbortSignal | undefined) {
    this.#controller = new AbortController()
    this.#caller = caller
    this.#expired = false
    this.#onAbort = () => { this.#controller.abort(caller?.reason) }
    this.#timer = setTimeout(() => {
      this.#expired = true
      this.#controller.abort(new DOMException('the time is up', 'TimeoutError'))
    }, ms)
    caller?.addEventListener('abort', this.#onAbort)
    if (caller?.aborted === true) {
      this.#onAbort()
    }
  }

  /** Aborts when either is over. */
  get signal (): AbortSignal {
    return this.#controller.signal
  }

  /** Whether it was the time. */
  get expired (): boolean {
    return this.#expired
  }

  /** The call is through. */
  end (): void {
    clearTimeout(this.#timer)
    this.#caller?.removeEventListener('abort', this.#onAbort)
  }
}
