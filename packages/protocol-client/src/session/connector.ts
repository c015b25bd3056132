import { type ByteDuplex, ProtocolError, toStreamError } from '@sr/protocol'
import { after } from '@sr/runtime'
import { COARSE_CLOCK, type Timed } from './coarse-clock.ts'
import { RecordStream } from './record-stream.ts'

/** Silence after which a stream that carries watches alone is checked, milliseconds. */
const QUIET_MS = 30_000

/** Time for the answer to a check, milliseconds. */
const CHECK_MS = 5000

/** What a {@link Connector} reports to its owner. */
export interface ConnectorOwner {
  /** whether a call waits for an answer or a stream */
  isBusy(): boolean
  /** A stream was opened, a request has ended, or the stream has. */
  changed(): void
  /** Time has passed. */
  look(now: number): void
  unreachable(error: ProtocolError): void
}

interface Opening {
  readonly controller: AbortController
  readonly done: Promise<RecordStream>
}

/** Opens a stream to a peer when it is needed, ends it when it is idle, and replaces it when it does not answer. */
export class Connector implements Timed {
  readonly #open: (signal: AbortSignal) => Promise<ByteDuplex>
  readonly #timeoutMs: number
  readonly #idleMs: number
  readonly #owner: ConnectorOwner
  #stream: RecordStream | undefined
  #opening: Opening | undefined
  #usedAt = 0
  #checkedAt: number | undefined

  constructor(
    open: (signal: AbortSignal) => Promise<ByteDuplex>,
    { timeoutMs, idleMs }: { timeoutMs: number; idleMs: number },
    owner: ConnectorOwner,
  ) {
    this.#open = open
    this.#timeoutMs = timeoutMs
    this.#idleMs = idleMs
    this.#owner = owner
  }

  /** The stream, if another request may be sent on it. */
  get usable(): RecordStream | undefined {
    return this.#stream?.usable === true ? this.#stream : undefined
  }

  get idle(): boolean {
    return this.#stream === undefined && this.#opening === undefined
  }

  get busy(): boolean {
    return this.#owner.isBusy() || this.#opening !== undefined || this.#checkedAt !== undefined
  }

  /** The stream, or a new one. */
  async stream(): Promise<RecordStream> {
    return this.usable ?? (await this.#begin().done)
  }

  /** Opens a stream unless one is being opened; the owner learns of it by `changed` or `unreachable`. */
  open(): void {
    this.#begin()
  }

  /** A request was made: the clock must look at its deadline. */
  wake(): void {
    this.#usedAt = performance.now()
    COARSE_CLOCK.watch(this)
  }

  /** Sends a ping; a stream on which nothing arrives for 5 s is abandoned. */
  check(): void {
    const stream = this.usable
    if (stream === undefined || this.#checkedAt !== undefined) {
      return
    }
    this.#checkedAt = performance.now()
    const answered = (): void => {
      this.#checkedAt = undefined
    }
    stream.send({ op: 'ping' }, { end: answered, lost: answered })
    COARSE_CLOCK.watch(this)
  }

  close(error: ProtocolError): void {
    this.#opening?.controller.abort(error)
    const stream = this.#stream
    this.#stream = undefined
    if (stream?.watches === 0 && stream.underWay === 0) {
      stream.end()
    } else {
      stream?.fail(error)
    }
  }

  look(now: number): boolean {
    this.#owner.look(now)
    const stream = this.#stream
    if (stream === undefined) {
      return this.busy
    }
    if (this.#checkedAt !== undefined && now - this.#checkedAt > CHECK_MS && stream.heardAt < this.#checkedAt) {
      this.#checkedAt = undefined
      stream.fail(new ProtocolError('PROTOCOL_CLOSED', `the server did not answer a ping within ${CHECK_MS} ms`))
    } else if (stream.underWay === 0 && stream.watches === 0 && now - this.#usedAt > this.#idleMs) {
      this.#stream = undefined
      stream.end()
    } else if (stream.underWay === 0 && stream.watches > 0 && now - stream.heardAt > QUIET_MS) {
      this.check()
    }
    return this.#stream !== undefined || this.busy
  }

  slept(): void {
    this.check()
  }

  #begin(): Opening {
    if (this.#opening === undefined) {
      const controller = new AbortController()
      const done = this.#dial(controller)
      done.catch(() => {})
      this.#opening = { controller, done }
    }
    return this.#opening
  }

  async #dial(controller: AbortController): Promise<RecordStream> {
    const { signal } = controller
    const message = `no stream opened within ${this.#timeoutMs} ms`
    const cancel = after(this.#timeoutMs, () => {
      controller.abort(new ProtocolError('PROTOCOL_TIMEOUT', message, { limit: 'timeoutMs', max: this.#timeoutMs }))
    })
    const opening = (async () => await this.#open(signal))()
    try {
      const duplex = await untilAborted(opening, signal)
      const stream = new RecordStream(duplex, (changed) => this.#changed(changed))
      this.#opening = undefined
      this.#stream = stream
      this.#usedAt = performance.now()
      COARSE_CLOCK.watch(this)
      this.#owner.changed()
      return stream
    } catch (cause) {
      opening.then(
        (late) => late.abort(toStreamError(signal.reason)),
        () => {},
      )
      this.#opening = undefined
      const error = signal.aborted
        ? toStreamError(signal.reason)
        : new ProtocolError('PROTOCOL_UNREACHABLE', 'no stream to the peer could be opened', { cause })
      this.#owner.unreachable(error)
      throw error
    } finally {
      cancel()
    }
  }

  #changed(stream: RecordStream): void {
    if (stream.ended && stream === this.#stream) {
      this.#stream = undefined
      this.#checkedAt = undefined
    }
    this.#owner.changed()
  }
}

/** Settles as `promise`, or rejects when the signal aborts, also when it has aborted by the time that the promise is fulfilled. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort)
  try {
    const value = await Promise.race([promise, aborted.promise])
    signal.throwIfAborted()
    return value
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
