const SECOND_MS = 1000

/**
 * When to look at what: a Map from the second to the ids due in it. Setting and taking cost the
 * same however many wait, and a clock that jumps years costs no more than there are seconds in use.
 */
export class ExpiryQueue {
  readonly #due = new Map<number, Set<string>>()
  readonly #at = new Map<string, number>()
  /** every second up to this one is done */
  #done: number

  constructor(now: number) {
    this.#done = Math.floor(now / SECOND_MS)
  }

  /** number of scheduled ids */
  get size(): number {
    return this.#at.size
  }

  /** Has `id` taken at the first full second not before `ms`, or earlier when that was asked for before. */
  schedule(id: string, ms: number): void {
    const second = Math.max(Math.ceil(ms / SECOND_MS), this.#done + 1)
    const planned = this.#at.get(id)
    if (planned !== undefined) {
      if (planned <= second) {
        return
      }
      this.#leave(id, planned)
    }
    this.#at.set(id, second)
    const ids = this.#due.get(second)
    if (ids === undefined) {
      this.#due.set(second, new Set([id]))
    } else {
      ids.add(id)
    }
  }

  /** Up to `max` ids that are due at `now`; they wait no longer. */
  take(now: number, max: number): string[] {
    const end = Math.floor(now / SECOND_MS)
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

  /** The seconds up to `end` that may hold something: each in turn, or after a jump only those in use. */
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
