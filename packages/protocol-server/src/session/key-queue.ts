/** Runs work on one key in the order of the calls, and work on different keys concurrently. */
export class KeyQueue {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Keys with work under way. */
  get size(): number {
    return this.#last.size
  }

  /** Runs `work`, at once when none is under way for the key. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key)
    const result = before === undefined ? work() : before.then(work, work)
    this.#last.set(key, result)
    try {
      return await result
    } finally {
      if (this.#last.get(key) === result) {
        this.#last.delete(key)
      }
    }
  }
}
