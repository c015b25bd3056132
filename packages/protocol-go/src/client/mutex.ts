import { raceSignal } from '@sr/runtime'

/**
 * One holder at a time, in the order of the calls: the Go protocol has no request ids, so an answer belongs to the
 * oldest request on the stream.
 */
export class Mutex {
  #last: Promise<void>
  #waiting: number

  constructor() {
    this.#last = Promise.resolve()
    this.#waiting = 0
  }

  /** Whether it is neither held nor waited for. */
  get idle(): boolean {
    return this.#waiting === 0
  }

  /** Runs `work` once all earlier calls have ended. A call whose signal aborts while it waits does not change the order of the others. */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const before = this.#last
    const { promise: finished, resolve: finish } = Promise.withResolvers<void>()
    // a call that gives up while waiting must not let the next one overtake the one before
    this.#last = Promise.all([before, finished]).then(() => {})
    this.#waiting++
    try {
      await raceSignal(before, signal)
      return await work()
    } finally {
      this.#waiting--
      finish()
    }
  }
}
