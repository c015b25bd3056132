import { overLimit, ProtocolError } from './errors.ts'
import { MAX_FRAME_BYTES } from './limits.ts'

/** Smallest buffer for a frame that comes in pieces, bytes. */
const FIRST_BUFFER = 1024

/**
 * Takes length-prefixed frames out of chunks of bytes as they come. The length is a varint, as
 * short as can be, not zero and at most `max`; anything else is refused at the byte that shows it,
 * before anything is buffered. It never holds more than twice what has come of one frame, plus the
 * chunks not looked at yet. It keeps no time: whoever feeds it watches {@link FrameReader.partial}.
 *
 * @example
 * ```ts
 * import { FrameReader } from '@sr/protocol'
 *
 * const reader = new FrameReader()
 * reader.push(Uint8Array.of(2, 0x68))
 * console.log(reader.next(), reader.partial) // undefined true
 * reader.push(Uint8Array.of(0x69))
 * console.log(String(reader.next())) // 104,105
 * ```
 */
export class FrameReader {
  readonly #max: number
  /** bytes the longest lawful length takes */
  readonly #prefixBytes: number
  #chunks: Uint8Array[]
  /** next byte in the first chunk */
  #at: number
  #buffered: number
  /** the length as far as it is read, and its bytes so far */
  #length: number
  #digits: number
  /** whether the length is complete */
  #known: boolean
  /** the frame as far as it has come, when it came in pieces */
  #body: Uint8Array | undefined
  #filled: number
  #failure: ProtocolError | undefined

  /** @param max longest frame, bytes, without its length */
  constructor(max: number = MAX_FRAME_BYTES) {
    this.#max = max
    this.#prefixBytes = Math.ceil((32 - Math.clz32(max)) / 7)
    this.#chunks = []
    this.#at = 0
    this.#buffered = 0
    this.#length = 0
    this.#digits = 0
    this.#known = false
    this.#body = undefined
    this.#filled = 0
    this.#failure = undefined
  }

  /** Bytes held: of the frame begun, and not looked at yet. */
  get buffered(): number {
    return this.#buffered + this.#filled
  }

  /** Whether a frame has begun and is not complete. True also while bytes wait that were not looked at. */
  get partial(): boolean {
    return this.#digits > 0 || this.#buffered > 0
  }

  /** Whether all there is of the frame begun is its length. */
  get onlyLength(): boolean {
    return this.#known && this.#filled === 0 && this.#buffered === 0
  }

  /** Takes bytes in. They are not copied until they must be, so leave them as they are. */
  push(chunk: Uint8Array): void {
    if (chunk.length > 0 && this.#failure === undefined) {
      this.#chunks.push(chunk)
      this.#buffered += chunk.length
    }
  }

  /**
   * The next whole frame, or undefined when more bytes are needed. It may be a view of a chunk.
   *
   * @throws ProtocolError `PROTOCOL_FRAME`, `PROTOCOL_TOO_LARGE`; from then on always: after a bad length nobody knows where frames begin
   */
  next(): Uint8Array | undefined {
    if (this.#failure !== undefined) {
      throw this.#failure
    }
    while (!this.#known) {
      if (this.#buffered === 0) {
        return undefined
      }
      this.#digit(this.#byte())
    }
    return this.#take()
  }

  #byte(): number {
    const chunk = this.#chunks[0] as Uint8Array
    const byte = chunk[this.#at] as number
    this.#skip(chunk, 1)
    return byte
  }

  #skip(chunk: Uint8Array, count: number): void {
    this.#at += count
    this.#buffered -= count
    if (this.#at === chunk.length) {
      this.#chunks.shift()
      this.#at = 0
    }
  }

  #digit(byte: number): void {
    this.#length += (byte & 0x7f) * 2 ** (7 * this.#digits)
    this.#digits++
    if (byte >= 0x80) {
      if (this.#digits >= this.#prefixBytes) {
        throw this.#fail(
          new ProtocolError('PROTOCOL_FRAME', `a frame's length takes at most ${this.#prefixBytes} bytes`),
        )
      }
      return
    }
    if (byte === 0) {
      throw this.#fail(
        new ProtocolError(
          'PROTOCOL_FRAME',
          this.#digits === 1 ? 'a frame must not be empty' : "a frame's length must be in its shortest form",
        ),
      )
    }
    if (this.#length > this.#max) {
      throw this.#fail(overLimit('PROTOCOL_TOO_LARGE', 'frame', this.#max, this.#length))
    }
    this.#known = true
  }

  #take(): Uint8Array | undefined {
    const length = this.#length
    while (this.#buffered > 0) {
      const chunk = this.#chunks[0] as Uint8Array
      const here = Math.min(chunk.length - this.#at, length - this.#filled)
      const part = chunk.subarray(this.#at, this.#at + here)
      this.#skip(chunk, here)
      if (here === length) {
        return this.#done(part)
      }
      this.#append(part)
      if (this.#filled === length) {
        return this.#done((this.#body as Uint8Array).subarray(0, length))
      }
    }
    return undefined
  }

  #append(part: Uint8Array): void {
    const needed = this.#filled + part.length
    if (this.#body === undefined || this.#body.length < needed) {
      // grows with what has come, never at once to what is claimed
      const larger = new Uint8Array(Math.min(this.#length, Math.max(needed, 2 * this.#filled, FIRST_BUFFER)))
      if (this.#body !== undefined) {
        larger.set(this.#body.subarray(0, this.#filled))
      }
      this.#body = larger
    }
    this.#body.set(part, this.#filled)
    this.#filled = needed
  }

  #done(frame: Uint8Array): Uint8Array {
    this.#length = 0
    this.#digits = 0
    this.#known = false
    this.#body = undefined
    this.#filled = 0
    return frame
  }

  #fail(error: ProtocolError): ProtocolError {
    this.#failure = error
    this.#chunks = []
    this.#buffered = 0
    return error
  }
}
