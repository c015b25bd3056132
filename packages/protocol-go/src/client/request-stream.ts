import { type ByteDuplex, FrameReader, ProtocolError, toStreamError } from '@sr/protocol'
import { delay } from '@sr/runtime'
import { toError } from './failure.ts'

/** One stream to a peer, and the part of an answer that has arrived on it. */
export class RequestStream {
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

  /** Whether another request may be sent: the stream is open, the last request was sent whole, and no unrequested byte arrived. */
  get usable(): boolean {
    return this.#duplex.open && !this.#sending && this.#reader.buffered === 0
  }

  /** Whether a byte of the answer to the last request has arrived. */
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
      this.#duplex.abort(toError(signal.reason))
    }
    signal.throwIfAborted()
    signal.addEventListener('abort', onAbort)
    try {
      // a peer that refuses a long request resets before it has read all of it; then the answer or the reset
      // is reported, and not the failed write
      const unsent = this.#send(bytes, signal)
      return await Promise.race([this.#read(), unsent])
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** Ends the stream in order, unless a write is stuck. */
  end(): void {
    if (this.#sending) {
      this.abort(new ProtocolError('PROTOCOL_CLOSED', 'the stream ended before the request was sent'))
      return
    }
    this.#duplex.close().catch((err: unknown) => {
      this.abort(toError(err))
    })
  }

  abort(reason: Error): void {
    this.#duplex.abort(reason)
  }

  /** Rejects when the request could not be sent and nothing that arrived tells why; never resolves. */
  async #send(bytes: Uint8Array, signal: AbortSignal): Promise<never> {
    this.#sending = true
    try {
      await this.#duplex.write(bytes, { signal })
      this.#sending = false
    } catch (err) {
      // what has arrived is read first
      await delay(0)
      signal.throwIfAborted()
      throw toStreamError(err)
    }
    return await new Promise<never>(() => {})
  }

  async #read(): Promise<Uint8Array> {
    for (;;) {
      const message = this.#reader.next()
      if (message !== undefined) {
        return message
      }
      const chunk = await this.#duplex.read().catch((err: unknown) => {
        throw toStreamError(err)
      })
      if (chunk === undefined) {
        throw new ProtocolError('PROTOCOL_CLOSED', 'the peer ended the stream without an answer')
      }
      this.#answering = true
      this.#reader.push(chunk)
    }
  }
}
