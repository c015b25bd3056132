import { overLimit } from '@sr/protocol'
import { ByteWriter } from '@sr/xr/codec-kit'

/** A byte writer with a maximum. */
export class BoundedWriter extends ByteWriter {
  readonly #stop: number
  readonly #max: number

  /**
   * @param stop most bytes that may be written
   * @param max the limit in errors, when it differs from `stop`
   */
  constructor(expect: number, stop: number, max: number = stop) {
    super(expect)
    this.#stop = stop
    this.#max = max
  }

  /**
   * Makes room for `more` bytes.
   *
   * @throws ProtocolError `PROTOCOL_TOO_LARGE` when what was written exceeds the limit
   */
  override reserve(more: number): void {
    this.check(0)
    super.reserve(more)
  }

  /** A view of what was written. */
  written(): Uint8Array {
    this.check(0)
    return this.bytes.subarray(0, this.at)
  }

  /** @throws ProtocolError `PROTOCOL_TOO_LARGE` when with `more` bytes the limit would be exceeded */
  check(more: number): void {
    if (this.at + more > this.#stop) {
      throw overLimit('PROTOCOL_TOO_LARGE', 'message', this.#max, this.#max + this.at + more - this.#stop)
    }
  }
}
