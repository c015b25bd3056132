/** What ended a call before its answer: its own time, its caller's signal, or the closing of the exchange. */
export type Ending = 'time' | 'caller' | 'close'

/**
 * The time one call has, and with it the signals that end it sooner. A timer is cleared with its
 * call: those of `AbortSignal.timeout` stay until they fire, thousands of them under load.
 */
export class Deadline {
  readonly #controller: AbortController
  readonly #timer: ReturnType<typeof setTimeout>
  readonly #listening: Array<() => void>
  #ending: Ending | undefined

  constructor(ms: number, closing: AbortSignal, caller: AbortSignal | undefined) {
    this.#controller = new AbortController()
    this.#listening = []
    this.#ending = undefined
    this.#timer = setTimeout(() => {
      this.#over('time', new DOMException('the time is up', 'TimeoutError'))
    }, ms)
    this.#join('close', closing)
    this.#join('caller', caller)
  }

  /** Aborts when the first of them is over. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Which of them it was. */
  get ending(): Ending | undefined {
    return this.#ending
  }

  /** The call is through. */
  end(): void {
    clearTimeout(this.#timer)
    for (const leave of this.#listening) {
      leave()
    }
  }

  #join(name: Ending, signal: AbortSignal | undefined): void {
    if (signal === undefined) {
      return
    }
    const onAbort = (): void => {
      this.#over(name, signal.reason)
    }
    signal.addEventListener('abort', onAbort)
    this.#listening.push(() => {
      signal.removeEventListener('abort', onAbort)
    })
    if (signal.aborted) {
      onAbort()
    }
  }

  #over(ending: Ending, reason: unknown): void {
    this.#ending ??= ending
    this.#controller.abort(reason)
  }
}
