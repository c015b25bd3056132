/** One at a time per key, in the order of asking; different keys do not wait for each other. */
export class KeyedLock {
  readonly #tails = new Map<string, Promise<void>>()

  /** Runs `work` when everything asked for this key before is done. It must not ask for the same key itself. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#tails.set(key, promise)
    try {
      await before
      return await work()
    } finally {
      if (this.#tails.get(key) === promise) {
        this.#tails.delete(key)
      }
      resolve()
    }
  }

  /** When nothing that is held or asked for now is left. */
  async idle(): Promise<void> {
    await Promise.all(this.#tails.values())
  }
}
