/**
 * Lets one at a time through, in the order of asking: the Go protocol has no request ids, so an
 * answer belongs to the oldest request on the stream.
 */
export class Turns {
  #last: Promise<void>
  #waiting: number

  constructor() {
    this.#last = Promise.resolve()
    this.#waiting = 0
  }

  /** Whether nobody has a turn or waits for one. */
  get idle(): boolean {
    return this.#waiting === 0
  }

  /** Runs `work` when its turn has come. Who gives up waiting leaves the order of the others as it is. */
  async take<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const before = this.#last
    const { promise: finished, resolve: finish } = Promise.withResolvers<void>()
    // whoever gives up while waiting must not let the next one overtake the one before
    this.#last = Promise.all([before, finished]).then(() => {})
    this.#waiting++
    try {
      await aborted(before, signal)
      return await work()
    } finally {
      this.#waiting--
      finish()
    }
  }
}

/** Waits for `promise`, or throws the signal's reason as soon as it aborts. */
export async function aborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const { promise: stopped, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => {
    reject(signal.reason)
  }
  signal.addEventListener('abort', onAbort)
  try {
    return await Promise.race([promise, stopped])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
