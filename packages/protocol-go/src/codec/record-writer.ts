import { MAX_FRAME_BYTES, ProtocolError } from '@sr/protocol'
import type { Dict } from '@sr/xr'
import { base64Length, writeBase64 } from './base64.ts'
import { writeDocument } from './document.ts'
import { canonicalPeerId } from './peer-id.ts'
import { BoundedWriter } from './bounded-writer.ts'
import { varintBytes, writeVarint } from './protobuf.ts'

/** Initial size of the buffers of a record and of one document, bytes. */
const EXPECT = 1024

/** Digits of a frame's length and of the value's length: at most four for 4 MiB. */
const MAX_LENGTH_DIGITS = 4

/** Bytes around one document: `"":"",`. */
const PUNCTUATION_BYTES = 6

/** Options of writing a record. */
export interface GoRecordEncodeOptions {
  /** most bytes of the result; default 4 MiB, more than which no Go peer reads */
  readonly max?: number
  /** the bytes before the value in the message; for `takeFrame` */
  readonly head?: Uint8Array
}

/**
 * Writes the answer to a GET one document at a time into one buffer, with room before it for the rest of the frame. The
 * value is that of `goRecordValue.encode`.
 *
 * @example
 * ```ts
 * import { from, type Dict } from '@sr/xr'
 * import { GoRecordWriter } from '@sr/protocol-go'
 *
 * const writer = new GoRecordWriter()
 * writer.add('12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu', from({ x: 1 }) as Dict)
 * console.log(writer.take().length) // 239
 * ```
 */
export class GoRecordWriter {
  readonly #head: Uint8Array
  readonly #out: BoundedWriter
  /** where the value begins in the buffer */
  readonly #start: number
  readonly #text: BoundedWriter
  /** the peer whose document was added last */
  #last = ''

  constructor({ max = MAX_FRAME_BYTES, head = new Uint8Array() }: GoRecordEncodeOptions = {}) {
    this.#head = head
    this.#start = head.length + 2 * MAX_LENGTH_DIGITS
    this.#out = new BoundedWriter(this.#start + EXPECT, this.#start + max, max)
    // base64 makes four bytes of three
    this.#text = new BoundedWriter(EXPECT, Math.ceil(max / 4) * 3, max)
    this.#out.at = this.#start
    this.#out.ascii('{')
  }

  /** Bytes of the value written so far. */
  get length(): number {
    return this.#out.at - this.#start
  }

  /** Bytes of memory that the buffers take. */
  get held(): number {
    return this.#out.bytes.length + this.#text.bytes.length
  }

  /**
   * Adds one document. Documents come in the order of their peer ids.
   *
   * @throws ProtocolError `PROTOCOL_TOO_LARGE` when the value would exceed the limit, `PROTOCOL_DOC` for a peer id that
   *   is invalid or out of order; nothing is added then
   */
  add(peer: string, document: Dict): void {
    const out = this.#out
    if (canonicalPeerId(peer) !== peer || peer <= this.#last) {
      throw new ProtocolError('PROTOCOL_DOC', 'the writers of a record must be peer ids in base58, in ascending order')
    }
    const before = out.at
    try {
      this.#text.at = 0
      writeDocument(document, this.#text)
      const text = this.#text.written()
      out.ascii(this.#last === '' ? `"${peer}":"` : `,"${peer}":"`)
      out.reserve(base64Length(text.length) + 2)
      out.at = writeBase64(text, out.bytes, out.at)
      out.ascii('"')
      out.check(1) // the closing brace
    } catch (err) {
      out.at = before
      throw err
    }
    this.#last = peer
  }

  /** Adds a document if the value stays within the limit; returns whether it did. */
  tryAdd(peer: string, document: Dict): boolean {
    try {
      this.add(peer, document)
      return true
    } catch (err) {
      if (err instanceof ProtocolError && err.code === 'PROTOCOL_TOO_LARGE') {
        return false
      }
      throw err
    }
  }

  /** Ends the record and copies it out of the buffer. */
  take(): Uint8Array<ArrayBuffer> {
    this.#out.ascii('}')
    return this.#out.written().slice(this.#start) as Uint8Array<ArrayBuffer>
  }

  /** Ends the record and returns the whole frame, without a copy: length, head, length of the value, value. */
  takeFrame(): Uint8Array {
    this.#out.ascii('}')
    const bytes = this.#out.written()
    const valueLength = bytes.length - this.#start
    const from = this.#start - varintBytes(valueLength)
    writeVarint(bytes, from, valueLength)
    const headAt = from - this.#head.length
    bytes.set(this.#head, headAt)
    const messageLength = bytes.length - headAt
    const frameAt = headAt - varintBytes(messageLength)
    writeVarint(bytes, frameAt, messageLength)
    return bytes.subarray(frameAt)
  }
}

/** Bytes that one document takes in a record, or more than `max` when it takes more than that. */
export function recordEntryLength(peer: string, document: Dict, max: number): number {
  const writer = new BoundedWriter(EXPECT, Math.ceil(max / 4) * 3, max)
  try {
    writeDocument(document, writer)
    return base64Length(writer.written().length) + peer.length + PUNCTUATION_BYTES
  } catch (err) {
    if (err instanceof ProtocolError && err.code === 'PROTOCOL_TOO_LARGE') {
      return Infinity
    }
    throw err
  }
}
