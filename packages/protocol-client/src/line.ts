import { type ByteDuplex, FrameReader, ProtocolError } from '@sr/protocol'
import { asError } from './failure.ts'

/** One stream to a peer, with what has come of the answer to the request on it. */
export class Line {
  readonly #duplex: ByteDuplex
  readonly #reader: FrameReader
  #answering: boolean
  #sending: boolean

  constructor(duplex: ByteDuplex) {
    this.#duplex = duplex
    this.#reader = new FrameReader()
    this.#answering = false
    this.#sending = false
  }

  /** Whether another request may go out on it: open, the last one went out whole, and nothing came that nobody asked for. */
  get usable(): boolean {
    return this.#duplex.open && !this.#sending && this.#reader.buffered === 0
  }

  /** Whether a byte of the answer to the last request has come. */
  get answering(): boolean {
    return this.#answering
  }

  /**
   * Sends a frame and waits for one.
   *
   * @throws ProtocolError; the signal's reason when it aborts
   */
  async ask(bytes: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    this.#answering = false
    const onAbort = (): void => {
      this.#duplex.abort(asError(signal.reason))
    }
    signal.throwIfAborted()
    signal.addEventListener('abort', onAbort)
    try {
      // A peer that refuses a long request resets before it has read all of it; then the answer, or
      // the reset, is what tells, and not the write that failed.
      const unsent = this.#send(bytes, signal)
      return await Promise.race([this.#read(), unsent])
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** Ends the stream well, unless it is stuck. */
  end(): void {
    if (this.#sending) {
      this.abort(new ProtocolError('PROTOCOL_CLOSED', 'the stream ended before the request had gone out'))
      return
    }
    this.#duplex.close().catch((err: unknown) => {
      this.abort(asError(err))
    })
  }

  abort(reason: Error): void {
    this.#duplex.abort(reason)
  }

  /** Rejects when the request could not be sent, and what has come until then does not tell why; does not resolve. */
  async #send(bytes: Uint8Array, signal: AbortSignal): Promise<never> {
    this.#sending = true
    try {
      await this.#duplex.write(bytes, { signal })
      this.#sending = false
    } catch (err) {
      // whoever reads takes what is there first
      await new Promise((resolve) => {
        setTimeout(resolve, 0)
      })
      throw err
    }
    return await new Promise<never>(() => {})
  }

  async #read(): Promise<Uint8Array> {
    for (;;) {
      const message = this.#reader.next()
      if (message !== undefined) {
        return message
      }
      const chunk = await this.#duplex.read()
      if (chunk === undefined) {
        throw new ProtocolError('PROTOCOL_CLOSED', 'the peer ended the stream without an answer')
      }
      this.#answering = true
      this.#reader.push(chunk)
    }
  }
}
