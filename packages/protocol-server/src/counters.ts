/** Counts by name since the server was created; a name that was never counted is absent. */
export class Counters {
  readonly #counts = new Map<string, number>()

  add(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by)
  }

  /** All counts as of now. */
  read(): ReadonlyMap<string, number> {
    return new Map(this.#counts)
  }
}
