import { type ByteDuplex, type GatheringWriter, ProtocolError, toStreamError } from '@sr/protocol'

/** How long a peer has to end its side after this one has, milliseconds. */
const LINGER_MS = 1000

/** How a stream ends: after what was sent, or by a reset. */
export class StreamEnd {
  readonly #duplex: ByteDuplex
  readonly #writer: GatheringWriter
  readonly #over = Promise.withResolvers<void>()
  #failure: ProtocolError | undefined
  #ending = false
  #settled = false
  #inputEnded = false
  /** until when the peer may end its side, once this side has ended; steady time, milliseconds */
  #lingerUntil: number | undefined

  constructor(duplex: ByteDuplex, writer: GatheringWriter) {
    this.#duplex = duplex
    this.#writer = writer
  }

  /** whether nothing more is to be sent */
  get isEnding(): boolean {
    return this.#ending
  }

  get isOver(): boolean {
    return this.#settled
  }

  /** whether the peer has ended its side */
  get inputEnded(): boolean {
    return this.#inputEnded
  }

  /** Resolves when the stream has ended in order. Rejects with the error that ended it otherwise. */
  async over(): Promise<void> {
    await this.#over.promise
    if (this.#failure !== undefined) {
      throw this.#failure
    }
  }

  /** The peer has ended its side. */
  endInput(): void {
    this.#inputEnded = true
    if (this.#lingerUntil !== undefined) {
      this.#settle()
    }
  }

  /** Ends this side after what was sent, and waits a little for the other side. */
  begin(failure: ProtocolError | undefined): void {
    if (!this.#ending) {
      this.#ending = true
      this.#failure ??= failure
      void this.#flush()
    }
  }

  async #flush(): Promise<void> {
    try {
      await this.#writer.end()
    } catch (err) {
      this.fail(toStreamError(err))
      return
    }
    this.#lingerUntil = performance.now() + LINGER_MS
    if (this.#inputEnded) {
      this.#settle()
    }
  }

  /** Resets the stream. The first failure is the one that is reported. */
  fail(error: ProtocolError): void {
    if (!this.#settled) {
      this.#ending = true
      this.#failure ??= error
      this.#duplex.abort(error)
      this.#settle()
    }
  }

  /** Resets the stream when the peer has not ended its side in time. */
  tick(now: number): void {
    if (this.#lingerUntil !== undefined && now >= this.#lingerUntil && !this.#settled) {
      this.#duplex.abort(this.#failure ?? new ProtocolError('PROTOCOL_TIMEOUT', 'the peer did not end its side'))
      this.#settle()
    }
  }

  #settle(): void {
    this.#settled = true
    this.#over.resolve()
  }
}
