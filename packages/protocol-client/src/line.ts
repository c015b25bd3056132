import { type ByteDuplex, FrameReader, SrpError } from '@sr/protocol/wire'

/** One stream to a peer, with what has come of the answer to the request on it. */
export class Line {
  readonly #duplex: ByteDuplex
  readonly #reader: FrameReader
  #answering: boolean

  constructor (duplex: ByteDuplex) {
    this.#duplex = duplex
    this.#reader = new FrameReader()
    this.#answering = false
  }

  /** Whether another request may go out on it: open, and nothing came that nobody asked for. */
  get usable (): boolean {
    return this.#duplex.open && this.#reader.buffered === 0
  }

  /** Whether a byte of the answer to the last request has come. */
  get answering (): boolean {
    return this.#answering
  }

  /**
   * Sends a frame and waits for one.
   *
   * @throws SrpError; the signal's reason when it aborts
   */
  async ask (bytes: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    this.#answering = false
    const onAbort = (): void => { this.#duplex.abort(signal.reason as Error) }
    signal.throwIfAborted()
    signal.addEventListener('abort', onAbort)
    try {
      // A peer that refuses a long request resets before it has read all of it; then the answer, or
      // the reset, is what tells, and not the write that failed.
      const writing = this.#duplex.write(bytes, { signal })
      const reading = this.#read()
      const [answer] = await Promise.all([reading, writing])
      return answer
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** Ends the stream well. */
  end (): void {
    this.#duplex.close().catch((err: unknown) => { this.abort(err instanceof Error ? err : new Error(String(err))) })
  }

  abort (reason: Error): void {
    this.#duplex.abort(reason)
  }

  async #read (): Promise<Uint8Array> {
    for (;;) {
      const message = this.#reader.next()
      if (message !== undefined) {
        return message
      }
      const chunk = await this.#duplex.read()
      if (chunk === undefined) {
        throw new SrpError('SRP_CLOSED', 'the peer ended the stream without an answer')
      }
      this.#answering = true
      this.#reader.push(chunk)
    }
  }
}
