import { overLimit } from '@sr/protocol'

/** Bytes that grow as they are written, up to a maximum. */
export class Sink {
  bytes: Uint8Array
  at: number
  readonly #stop: number
  readonly #max: number

  /**
   * @param stop most bytes it takes
   * @param max the limit that this stands for, as errors name it
   */
  constructor(expect: number, stop: number, max: number = stop) {
    this.bytes = new Uint8Array(expect)
    this.at = 0
    this.#stop = stop
    this.#max = max
  }

  /**
   * Makes room for `more` bytes.
   *
   * @throws ProtocolError `PROTOCOL_TOO_LARGE` once more was written than may be
   */
  reserve(more: number): void {
    this.check(0)
    const needed = this.at + more
    if (needed > this.bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2))
      larger.set(this.bytes.subarray(0, this.at))
      this.bytes = larger
    }
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.bytes.set(bytes, this.at)
    this.at += bytes.length
  }

  /** Writes ASCII text; the caller knows that it is. */
  ascii(text: string): void {
    this.reserve(text.length)
    const { bytes, at } = this
    for (let i = 0; i < text.length; i++) {
      bytes[at + i] = text.charCodeAt(i)
    }
    this.at = at + text.length
  }

  /** A view of what was written. */
  written(): Uint8Array {
    this.check(0)
    return this.bytes.subarray(0, this.at)
  }

  /** What was written, as bytes of their own. */
  take(): Uint8Array<ArrayBuffer> {
    return this.written().slice() as Uint8Array<ArrayBuffer>
  }

  /** @throws ProtocolError `PROTOCOL_TOO_LARGE` when with `more` bytes the limit would be exceeded */
  check(more: number): void {
    if (this.at + more > this.#stop) {
      throw overLimit('PROTOCOL_TOO_LARGE', 'message', this.#max, this.#max + this.at + more - this.#stop)
    }
  }
}
