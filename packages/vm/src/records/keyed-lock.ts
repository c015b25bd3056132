/** A mutex per key: work under one key runs one at a time in call order; work under different keys runs concurrently. */
export class KeyedLock {
  readonly #tails = new Map<string, Promise<void>>()

  /** Runs `work` after everything queued for this key. `work` must not call `run` with the same key: it would wait for itself. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const previous = this.#tails.get(key)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#tails.set(key, promise)
    try {
      await previous
      return await work()
    } finally {
      if (this.#tails.get(key) === promise) {
        this.#tails.delete(key)
      }
      resolve()
    }
  }

  /** Resolves when all work queued so far is done. */
  async idle(): Promise<void> {
    await Promise.all(this.#tails.values())
  }
}
