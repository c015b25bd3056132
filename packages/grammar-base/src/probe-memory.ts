/** The outcome of a dial. */
export interface ProbeOutcome {
  readonly reached: boolean
  /** when it was begun, milliseconds */
  readonly at: number
}

/** Most outcomes kept; the oldest is dropped first. */
const MOST = 4096

/** The outcomes of the latest dials, so that a thousand writers who name one address cost one dial. */
export class ProbeMemory {
  readonly #outcomes = new Map<string, ProbeOutcome>()
  readonly #lifeMs: number

  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs
  }

  /** The outcome for an address, unless it is too old or dated in the future by a clock that was ahead. */
  get(address: string, now: number): ProbeOutcome | undefined {
    const outcome = this.#outcomes.get(address)
    return outcome !== undefined && now >= outcome.at && now - outcome.at < this.#lifeMs ? outcome : undefined
  }

  set(address: string, outcome: ProbeOutcome): void {
    this.#outcomes.delete(address)
    this.#outcomes.set(address, outcome)
    for (const oldest of this.#outcomes.keys()) {
      if (this.#outcomes.size <= MOST) {
        break
      }
      this.#outcomes.delete(oldest)
    }
  }
}
