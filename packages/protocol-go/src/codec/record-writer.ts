import { MAX_FRAME_BYTES, overLimit, ProtocolError, runAtOnce, type SlicedWork } from '@sr/protocol'
import type { Dict } from '@sr/xr'
import { ByteWriter } from '@sr/xr/codec-kit'
import { base64Length, writeBase64 } from './base64.ts'
import { writeDocument } from './document.ts'
import { canonicalPeerId } from './peer-id.ts'
import { varintBytes, writeVarint } from './protobuf.ts'

/** Initial size of the buffers of a record and of text, bytes. */
const EXPECT = 1024

/**
 * Size of the buffers that a long record is written into, bytes; a multiple of four. One buffer that grows would take
 * three times the record while it is copied, and none of it could be given back while the record is being sent.
 */
const CHUNK_BYTES = 64 * 1024

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
 * Writes the answer to a GET one document at a time, with room before it for the rest of the frame. The value is that of
 * `goRecordValue.encode`.
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
  readonly #max: number
  /** where the value begins in the first chunk */
  readonly #start: number
  /** chunks that are full, what is written in them */
  readonly #full: Uint8Array[]
  #chunk: Uint8Array
  /** next byte in the chunk */
  #at: number
  /** bytes of the value in full chunks, and the memory that these take */
  #fullBytes: number
  #fullHeld: number
  /** the part of a document that is not base64 yet */
  readonly #text: ByteWriter
  /** the peer whose document was added last */
  #last = ''

  constructor({ max = MAX_FRAME_BYTES, head = new Uint8Array() }: GoRecordEncodeOptions = {}) {
    this.#head = head.slice()
    this.#max = max
    this.#start = head.length + 2 * MAX_LENGTH_DIGITS
    this.#full = []
    this.#chunk = new Uint8Array(this.#start + EXPECT)
    this.#at = this.#start
    this.#fullBytes = -this.#start
    this.#fullHeld = 0
    this.#text = new ByteWriter(EXPECT)
    this.#ascii('{')
  }

  /** Bytes of the value written so far. */
  get length(): number {
    return this.#fullBytes + this.#at
  }

  /** Bytes of memory that the buffers take. */
  get held(): number {
    return this.#fullHeld + this.#chunk.length + this.#text.bytes.length
  }

  /**
   * Adds one document. Documents come in the order of their peer ids.
   *
   * @throws ProtocolError `PROTOCOL_TOO_LARGE` when the value would exceed the limit, `PROTOCOL_DOC` for a peer id that
   *   is invalid or out of order; nothing is added then
   */
  add(peer: string, document: Dict): void {
    runAtOnce(this.addSliced(peer, document))
  }

  /** As `add`, in slices. The document is not part of the record, and no other may be added, until it ends. */
  *addSliced(peer: string, document: Dict): SlicedWork<void> {
    if (canonicalPeerId(peer) !== peer || peer <= this.#last) {
      throw new ProtocolError('PROTOCOL_DOC', 'the writers of a record must be peer ids in base58, in ascending order')
    }
    const before = { chunks: this.#full.length, chunk: this.#chunk, at: this.#at }
    const counts = { bytes: this.#fullBytes, held: this.#fullHeld }
    try {
      this.#ascii(this.#last === '' ? `"${peer}":"` : `,"${peer}":"`)
      this.#text.at = 0
      for (const text = writeDocument(document, this.#text); text.next().done !== true;) {
        this.#flush(this.#text.at - (this.#text.at % 3))
        yield
      }
      this.#flush(this.#text.at)
      this.#ascii('"')
      this.#check(1) // the closing brace
    } catch (err) {
      this.#full.length = before.chunks
      this.#chunk = before.chunk
      this.#at = before.at
      this.#fullBytes = counts.bytes
      this.#fullHeld = counts.held
      throw err
    }
    this.#last = peer
  }

  /** Moves the first bytes of the text into the record, as base64. */
  #flush(length: number): void {
    const text = this.#text
    this.#check(base64Length(length))
    for (let from = 0; from < length;) {
      this.#reserve(4, base64Length(length - from))
      const to = Math.min(length, from + ((this.#chunk.length - this.#at) >> 2) * 3)
      this.#at = writeBase64(text.bytes.subarray(from, to), this.#chunk, this.#at)
      from = to
    }
    text.bytes.copyWithin(0, length, text.at)
    text.at -= length
  }

  #ascii(text: string): void {
    this.#reserve(text.length, text.length)
    for (let i = 0; i < text.length; i++) {
      this.#chunk[this.#at++] = text.charCodeAt(i)
    }
  }

  /** Makes room for `least` bytes in one piece; the first chunk grows to hold `most` while it is small. */
  #reserve(least: number, most: number): void {
    const chunk = this.#chunk
    if (this.#full.length === 0 && this.#at + most > chunk.length && chunk.length < CHUNK_BYTES) {
      this.#chunk = new Uint8Array(Math.min(CHUNK_BYTES, Math.max(2 * chunk.length, this.#at + most)))
      this.#chunk.set(chunk.subarray(0, this.#at))
    }
    if (this.#at + least > this.#chunk.length) {
      this.#full.push(this.#chunk.subarray(0, this.#at))
      this.#fullBytes += this.#at
      this.#fullHeld += this.#chunk.length
      this.#chunk = new Uint8Array(CHUNK_BYTES)
      this.#at = 0
    }
  }

  /** @throws ProtocolError `PROTOCOL_TOO_LARGE` when with `more` bytes the limit would be exceeded */
  #check(more: number): void {
    if (this.length + more > this.#max) {
      throw overLimit('PROTOCOL_TOO_LARGE', 'message', this.#max, this.length + more)
    }
  }

  /** Adds a document if the value stays within the limit; returns whether it did. */
  tryAdd(peer: string, document: Dict): boolean {
    return runAtOnce(this.tryAddSliced(peer, document))
  }

  /** As `tryAdd`, in slices. */
  *tryAddSliced(peer: string, document: Dict): SlicedWork<boolean> {
    try {
      yield* this.addSliced(peer, document)
      return true
    } catch (err) {
      if (err instanceof ProtocolError && err.code === 'PROTOCOL_TOO_LARGE') {
        return false
      }
      throw err
    }
  }

  /** Ends the record and copies it out of the buffers. */
  take(): Uint8Array<ArrayBuffer> {
    this.#ascii('}')
    const parts = this.#end()
    return concat([(parts[0] as Uint8Array).subarray(this.#start), ...parts.slice(1)])
  }

  /** Ends the record and returns the whole frame: length, head, length of the value, value. */
  takeFrame(): Uint8Array {
    const parts = this.takeParts()
    return parts.length === 1 ? (parts[0] as Uint8Array) : concat(parts)
  }

  /** Ends the record and returns the frame in parts, without a copy. */
  takeParts(): Uint8Array[] {
    this.#ascii('}')
    const valueLength = this.length
    const parts = this.#end()
    const bytes = parts[0] as Uint8Array
    const from = this.#start - varintBytes(valueLength)
    writeVarint(bytes, from, valueLength)
    const headAt = from - this.#head.length
    bytes.set(this.#head, headAt)
    const messageLength = this.#start - headAt + valueLength
    const frameAt = headAt - varintBytes(messageLength)
    writeVarint(bytes, frameAt, messageLength)
    parts[0] = bytes.subarray(frameAt)
    return parts
  }

  #end(): Uint8Array[] {
    return [...this.#full, this.#chunk.subarray(0, this.#at)]
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** Bytes that one document takes in a record; Infinity when it takes more than `max`. */
export function* recordEntryLength(peer: string, document: Dict, max: number): SlicedWork<number> {
  const writer = new ByteWriter(EXPECT)
  let textBytes = 0
  for (const text = writeDocument(document, writer), around = peer.length + PUNCTUATION_BYTES; ;) {
    const { done } = text.next()
    textBytes += writer.at
    writer.at = 0
    const length = base64Length(textBytes) + around
    if (length > max) {
      return Infinity
    }
    if (done === true) {
      return length
    }
    yield
  }
}
