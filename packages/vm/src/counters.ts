/** What a machine counts. */
export type Counter =
  | 'updates.stored'
  | 'updates.duplicate'
  | 'updates.refused'
  | 'updates.failed'
  | 'gc.dropped'
  | 'gc.failed'
  | 'effects.run'
  | 'effects.coalesced'
  | 'effects.cached'
  | 'effects.declined'
  | 'effects.failed'
  | 'effects.timeout'
  | 'effects.dropped'
  | 'effects.rate'
  | 'effects.quota'
  | 'effects.cancelled'
  | 'effects.renewed'
  | 'facts.stated'
  | 'facts.revoked'
  | 'facts.failed'

/** Counts since the machine was made; one that never happened is not there. */
export class Counters {
  readonly #counts = new Map<Counter, number>()

  add(name: Counter, step = 1): void {
    if (step === 0) {
      return
    }
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + step)
  }

  /** All counts as of now. */
  read(): ReadonlyMap<Counter, number> {
    return new Map(this.#counts)
  }
}
