type Result<T> = IteratorResult<T, undefined>

/** An iterator that is not there yet. `return` ends it also while `next` waits. */
export class DeferredIterator<T> implements AsyncIterableIterator<T, undefined> {
  readonly #start: () => Promise<AsyncIterableIterator<T, undefined>>
  #inner: Promise<AsyncIterableIterator<T, undefined>> | undefined
  #isOver = false

  constructor(start: () => Promise<AsyncIterableIterator<T, undefined>>) {
    this.#start = start
  }

  async next(): Promise<Result<T>> {
    if (this.#isOver) {
      return { done: true, value: undefined }
    }
    this.#inner ??= this.#start()
    const inner = await this.#inner
    return this.#isOver ? { done: true, value: undefined } : await inner.next()
  }

  async return(): Promise<Result<T>> {
    this.#isOver = true
    await this.#inner?.then(
      async (inner) => await inner.return?.(),
      () => {},
    )
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
