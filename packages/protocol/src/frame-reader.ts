import { checkConfig, number } from '@sr/runtime'
import { overLimit, ProtocolError } from './errors.ts'
import { MAX_FRAME_BYTES } from './limits.ts'

/** Smallest buffer for a frame that arrives in pieces, bytes. */
const FIRST_BUFFER = 1024

/**
 * Cuts chunks of bytes into length-prefixed frames. The length is a varint in its shortest form, from 1 to `max`; an
 * invalid length is refused at the first byte that shows it, before anything is buffered. The reader holds at most twice
 * the bytes that have arrived of one frame, plus the chunks not read yet. It has no deadline: its caller checks
 * {@link FrameReader.partial}.
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
  /** bytes of the longest valid length */
  readonly #prefixBytes: number
  #chunks: Uint8Array[]
  /** next byte in the first chunk */
  #at: number
  #buffered: number
  /** bytes of the chunks that are kept, the first one with what was read of it */
  #chunkBytes: number
  /** the part of the length read so far, and how many bytes that is */
  #length: number
  #digits: number
  /** whether the length is complete */
  #known: boolean
  /** the part of the frame that has arrived, when it arrives in pieces */
  #body: Uint8Array | undefined
  #filled: number
  #failure: ProtocolError | undefined

  /**
   * @param max longest frame, bytes, without its length
   * @throws ConfigError when `max` is not a whole number from 1 to 2^31 - 1
   */
  constructor(max: number = MAX_FRAME_BYTES) {
    checkConfig<{ max: number }>('FrameReader', { max }, { max: number({ min: 1, max: 2 ** 31 - 1, integer: true }) })
    this.#max = max
    this.#prefixBytes = Math.ceil((32 - Math.clz32(max)) / 7)
    this.#chunks = []
    this.#at = 0
    this.#buffered = 0
    this.#chunkBytes = 0
    this.#length = 0
    this.#digits = 0
    this.#known = false
    this.#body = undefined
    this.#filled = 0
    this.#failure = undefined
  }

  /** Bytes of memory held: of the frame begun, and of chunks of which a byte was not read yet. */
  get held(): number {
    return this.#chunkBytes + this.#filled
  }

  /** Bytes not read yet: of the frame begun, and of chunks. */
  get buffered(): number {
    return this.#buffered + this.#filled
  }

  /** Whether a frame has begun and is not complete. Also true while there are bytes that were not read yet. */
  get partial(): boolean {
    return this.#digits > 0 || this.#buffered > 0
  }

  /** Whether only the length of the frame has arrived. */
  get onlyLength(): boolean {
    return this.#known && this.#filled === 0 && this.#buffered === 0
  }

  /** Adds bytes. They are not copied at once: do not write to them afterwards. */
  push(chunk: Uint8Array): void {
    if (chunk.length > 0 && this.#failure === undefined) {
      this.#chunks.push(chunk)
      this.#buffered += chunk.length
      this.#chunkBytes += chunk.length
    }
  }

  /**
   * The next whole frame, or undefined when more bytes are needed. It may be a view of a chunk.
   *
   * @throws ProtocolError `PROTOCOL_FRAME`, `PROTOCOL_TOO_LARGE`; every later call throws it again, since after an invalid length no frame boundary is known
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
      this.#chunkBytes -= chunk.length
      this.#at = 0
    }
  }

  #digit(byte: number): void {
    this.#length += (byte & 0x7f) * 2 ** (7 * this.#digits)
    this.#digits++
    if (byte >= 0x80) {
      if (this.#digits >= this.#prefixBytes) {
        throw this.#fail(
          new ProtocolError('PROTOCOL_FRAME', `the length of a frame has at most ${this.#prefixBytes} bytes`),
        )
      }
      return
    }
    if (byte === 0) {
      throw this.#fail(
        new ProtocolError(
          'PROTOCOL_FRAME',
          this.#digits === 1 ? 'a frame must not be empty' : 'the length of a frame must be in its shortest form',
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
      // grows with the bytes that arrive, never at once to the length claimed
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
    this.#chunkBytes = 0
    return error
  }
}
