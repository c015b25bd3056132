const SECOND_MS = 1000

/**
 * Ids by the second in which they are due. Scheduling and taking an id are O(1) whatever the number of ids; after a jump of
 * the clock by years, taking is O(n log n) in the seconds in use.
 */
export class ExpiryQueue {
  readonly #due = new Map<number, Set<string>>()
  readonly #at = new Map<string, number>()
  /** all seconds up to this one are taken */
  #done = 0

  /** number of scheduled ids */
  get size(): number {
    return this.#at.size
  }

  /** Schedules `id` for the first full second not before `ms`; an earlier schedule of it stays. */
  schedule(id: string, ms: number): void {
    const second = Math.max(Math.ceil(ms / SECOND_MS), this.#done + 1)
    const planned = this.#at.get(id) ?? Infinity
    if (planned > second) {
      this.#leave(id, planned)
      this.#at.set(id, second)
      this.#due.set(second, (this.#due.get(second) ?? new Set<string>()).add(id))
    }
  }

  /** Removes an id. */
  forget(id: string): void {
    const planned = this.#at.get(id)
    if (planned !== undefined) {
      this.#leave(id, planned)
      this.#at.delete(id)
    }
  }

  /** Removes and returns up to `max` ids that are due at `now`. */
  take(now: number, max: number): string[] {
    const end = Math.floor(now / SECOND_MS)
    // a time that is not confirmed may step back
    this.#done = Math.min(this.#done, end)
    const taken: string[] = []
    for (const second of this.#seconds(end)) {
      for (const id of this.#due.get(second) ?? []) {
        if (taken.length === max) {
          return taken
        }
        this.#leave(id, second)
        this.#at.delete(id)
        taken.push(id)
      }
      this.#done = Math.max(this.#done, second)
    }
    this.#done = Math.max(this.#done, end)
    return taken
  }

  /** The seconds up to `end` that may have ids: all of them, or after a jump those in use. */
  *#seconds(end: number): Iterable<number> {
    if (end - this.#done > this.#due.size) {
      yield* [...this.#due.keys()].filter((second) => second <= end).sort((a, b) => a - b)
      return
    }
    for (let second = this.#done + 1; second <= end; second++) {
      yield second
    }
  }

  #leave(id: string, second: number): void {
    const ids = this.#due.get(second)
    ids?.delete(id)
    if (ids?.size === 0) {
      this.#due.delete(second)
    }
  }
}
