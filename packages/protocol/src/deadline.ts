import { after } from '@sr/runtime'
import { ProtocolError } from './errors.ts'

/** What ended the work under a deadline: its own time, the caller's signal, or the end of the session it belongs to. */
export type AbortCause = 'time' | 'caller' | 'close'

/** A timer this late tells that this process stood still: what the other side sent meanwhile has not been read yet. */
const STALL_MS = 500

/** How much longer a deadline then runs, milliseconds, once: time to read what has arrived. */
const EXTENSION_MS = 1000

/**
 * The time some work has, as one signal, together with other signals that end it sooner. One timer at a time, cleared
 * by `end`: those of `AbortSignal.timeout` stay until they fire, thousands of them under load. When this process stood still
 * beyond the end of the time, a second is added in which what has arrived is read.
 *
 * @example
 * ```ts
 * import { Deadline } from '@sr/protocol'
 *
 * const deadline = new Deadline()
 * deadline.start(10, 'the answer')
 * await deadline.passed.catch((err) => console.log(err.message)) // the answer took longer than 10 ms
 * console.log(deadline.cause, deadline.signal.aborted) // time true
 * ```
 */
export class Deadline {
  /** Rejects with the reason of the abort. It may be left unhandled. */
  readonly passed: Promise<never>
  readonly #reject: (reason: unknown) => void
  readonly #controller = new AbortController()
  readonly #unlisten: Array<() => void> = []
  #cancel: (() => void) | undefined
  /** when the time is up, and of what; undefined while none runs */
  #running: { at: number; ms: number; what: string } | undefined
  #cause: AbortCause | undefined
  #ended = false

  constructor() {
    const { promise, reject } = Promise.withResolvers<never>()
    promise.catch(() => {})
    this.passed = promise
    this.#reject = reject
  }

  /** Aborts with a ProtocolError `PROTOCOL_TIMEOUT`, or with the reason of the first followed signal. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get cause(): AbortCause | undefined {
    return this.#cause
  }

  /**
   * From now on `ms` milliseconds are left, instead of what was left before; Infinity is without a limit.
   *
   * @throws RangeError when `ms` is negative or not a number
   */
  start(ms: number, what: string): void {
    this.#run(ms, ms, what)
  }

  /** No time runs until the next `start`. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#running = undefined
  }

  /** Runs `work` without time running: for waits that are not the other side's. */
  async pause<T>(work: () => Promise<T>): Promise<T> {
    const running = this.#running
    const left = running === undefined ? 0 : Math.max(0, running.at - performance.now())
    this.stop()
    try {
      return await work()
    } finally {
      if (running !== undefined && this.#running === undefined && !this.#ended) {
        this.#run(left, running.ms, running.what)
      }
    }
  }

  #run(left: number, ms: number, what: string, extended: boolean = false): void {
    this.stop()
    const at = performance.now() + left
    this.#cancel = after(left, () => {
      if (performance.now() - at > STALL_MS && !extended) {
        this.#run(Math.min(ms, EXTENSION_MS), ms, what, true)
        return
      }
      const message = `${what} took longer than ${ms} ms`
      this.abort('time', new ProtocolError('PROTOCOL_TIMEOUT', message, { limit: what, max: ms, got: ms }))
    })
    this.#running = { at, ms, what }
  }

  /** Aborts with another signal. */
  follow(cause: AbortCause, signal: AbortSignal | undefined): this {
    if (signal !== undefined) {
      const onAbort = (): void => {
        this.abort(cause, signal.reason)
      }
      signal.addEventListener('abort', onAbort)
      this.#unlisten.push(() => {
        signal.removeEventListener('abort', onAbort)
      })
      if (signal.aborted) {
        onAbort()
      }
    }
    return this
  }

  abort(cause: AbortCause, reason: unknown): void {
    this.#cause ??= cause
    this.#controller.abort(reason)
    this.#reject(reason)
  }

  /** The work is done: clears the timer and stops following. */
  end(): void {
    this.#ended = true
    this.stop()
    for (const unlisten of this.#unlisten.splice(0)) {
      unlisten()
    }
  }
}
