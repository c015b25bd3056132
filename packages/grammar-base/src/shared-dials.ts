import { raceSignal } from '@sr/runtime'

/** What was observed of an address. */
export interface DialOutcome {
  readonly reached: boolean
  /** when the dial began, milliseconds since 1970 */
  readonly at: number
}

/** A dial under way. */
interface Dial {
  outcome: Promise<DialOutcome>
  readonly abort: AbortController
  /** callers that still wait for it */
  waiting: number
}

/** Most outcomes kept; the oldest is dropped first. */
const MAX_OUTCOMES = 4096

/** One dial per address at a time, and its outcome for a while: a thousand writers who name one address cost one dial. */
export class SharedDials {
  readonly #outcomes = new Map<string, DialOutcome>()
  readonly #dials = new Map<string, Dial>()
  readonly #keepMs: number

  constructor(keepMs: number) {
    this.#keepMs = keepMs
  }

  /**
   * The outcome kept for an address, that of the dial under way, or that of a new dial by `dial`. The dial's own signal aborts when
   * no caller waits any more, so that one caller's short wait does not cut it short for the others.
   *
   * @throws what `dial` throws, and the reason of `signal`; then nothing is kept
   */
  async get(
    address: string,
    { now, signal }: { now: number; signal: AbortSignal },
    dial: (signal: AbortSignal) => Promise<boolean>,
  ): Promise<DialOutcome> {
    signal.throwIfAborted()
    const kept = this.#outcomes.get(address)
    // a clock that was ahead may have dated it in the future
    if (kept !== undefined && now >= kept.at && now - kept.at < this.#keepMs) {
      return kept
    }
    const ending = this.#dials.get(address)
    if (ending?.abort.signal.aborted === true) {
      // there is one dial per address at a time
      await raceSignal(
        ending.outcome.catch(() => {}),
        signal,
      )
      return await this.get(address, { now, signal }, dial)
    }
    const shared = ending ?? this.#start(address, now, dial)
    shared.waiting++
    try {
      return await raceSignal(shared.outcome, signal)
    } finally {
      if (--shared.waiting === 0) {
        shared.abort.abort(new DOMException('no caller waits for the dial', 'AbortError'))
      }
    }
  }

  #start(address: string, at: number, dial: (signal: AbortSignal) => Promise<boolean>): Dial {
    const abort = new AbortController()
    const run = async (): Promise<DialOutcome> => {
      try {
        const outcome = { reached: await dial(abort.signal), at }
        this.#keep(address, outcome)
        return outcome
      } finally {
        this.#dials.delete(address)
      }
    }
    const started: Dial = { outcome: Promise.withResolvers<never>().promise, abort, waiting: 0 }
    // before the run, which may end at once
    this.#dials.set(address, started)
    started.outcome = run()
    return started
  }

  #keep(address: string, outcome: DialOutcome): void {
    this.#outcomes.delete(address)
    this.#outcomes.set(address, outcome)
    const [oldest] = this.#outcomes.keys()
    if (oldest !== undefined && this.#outcomes.size > MAX_OUTCOMES) {
      this.#outcomes.delete(oldest)
    }
  }
}
