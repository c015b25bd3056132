type Result<T> = IteratorResult<T, undefined>

/**
 * An asynchronous iterator that is pulled: `next` returns what there is, or waits until there is something. Calls of `next` are
 * answered in order.
 */
export abstract class PullIterator<T> implements AsyncIterableIterator<T, undefined> {
  readonly #waiting: Array<PromiseWithResolvers<Result<T>>> = []
  readonly #signal: AbortSignal | undefined
  readonly #onEnd: () => void
  readonly #onAbort: () => void
  #ended: { readonly reason: unknown } | undefined

  /** The signal ends it with its reason; `onEnd` is called once, when it has ended. */
  constructor(signal: AbortSignal | undefined, onEnd: () => void) {
    this.#signal = signal
    this.#onEnd = onEnd
    this.#onAbort = () => {
      this.end(signal?.reason)
    }
    signal?.addEventListener('abort', this.#onAbort)
  }

  /** Ends it if its signal has aborted already; called once it is complete. */
  begin(): void {
    if (this.#signal?.aborted === true) {
      this.#onAbort()
    }
  }

  /** Takes what comes next; undefined when there is nothing now. */
  protected abstract take(): T | undefined

  async next(): Promise<Result<T>> {
    if (this.#ended !== undefined) {
      return this.#finish()
    }
    const value = this.#waiting.length === 0 ? this.take() : undefined
    if (value !== undefined) {
      return { done: false, value }
    }
    const waiting = Promise.withResolvers<Result<T>>()
    this.#waiting.push(waiting)
    return await waiting.promise
  }

  async return(): Promise<Result<T>> {
    this.end(undefined)
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** Answers the calls that wait, as far as there is something. */
  wake(): void {
    while (this.#waiting.length > 0) {
      const value = this.take()
      if (value === undefined) {
        return
      }
      this.#waiting.shift()?.resolve({ done: false, value })
    }
  }

  /** Ends it: `next` rejects with the reason once, or is done without one. */
  end(reason: unknown): void {
    if (this.#ended !== undefined) {
      return
    }
    this.#ended = { reason }
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#onEnd()
    for (const waiting of this.#waiting.splice(0)) {
      this.#finish().then(waiting.resolve, waiting.reject)
    }
  }

  async #finish(): Promise<Result<T>> {
    const reason = this.#ended?.reason
    this.#ended = { reason: undefined }
    if (reason !== undefined) {
      throw reason
    }
    return { done: true, value: undefined }
  }
}
