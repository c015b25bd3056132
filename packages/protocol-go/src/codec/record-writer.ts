import type { Dict } from '@sr/xr'
import { ProtocolError } from '@sr/protocol'
import { MAX_FRAME_BYTES } from '@sr/protocol'
import { base64Length, writeBase64 } from './base64.ts'
import { writeDocument } from './document.ts'
import { canonicalPeerId } from './peer-id.ts'
import { Sink } from './sink.ts'

/** First guess of what a record and what one document takes, bytes. */
const EXPECT = 1024

/** What else writing a record may be told. */
export interface GoRecordEncodeOptions {
  /** most bytes the result may have; default 4 MiB, more than which no Go peer reads */
  readonly max?: number
}

/**
 * Writes the answer to a GET one document at a time, so that whoever has many can stop at the one
 * with which it becomes too long, and do something else between two. The result is that of
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
  readonly #max: number
  readonly #out: Sink
  /** the peer whose document was the last */
  #last: string

  constructor(options: GoRecordEncodeOptions = {}) {
    this.#max = options.max ?? MAX_FRAME_BYTES
    this.#out = new Sink(EXPECT, this.#max)
    this.#last = ''
    this.#out.ascii('{')
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#out.at
  }

  /** Bytes of memory that what is written so far takes. */
  get held(): number {
    return this.#out.bytes.length
  }

  /**
   * Writes one document; they come in the order of their peer ids.
   *
   * @throws ProtocolError `PROTOCOL_TOO_LARGE` for the one that is too much, `PROTOCOL_DOC` for what is no peer id or out of order
   */
  add(peer: string, document: Dict): void {
    const out = this.#out
    if (canonicalPeerId(peer) !== peer || peer <= this.#last) {
      throw new ProtocolError(
        'PROTOCOL_DOC',
        'the documents of a record are told apart by peer ids, in base58 and in order',
      )
    }
    // four thirds of it will have to fit
    const sink = new Sink(EXPECT, Math.ceil(this.#max / 4) * 3, this.#max)
    writeDocument(document, sink)
    const text = sink.written()
    out.ascii(this.#last === '' ? `"${peer}":"` : `,"${peer}":"`)
    out.reserve(base64Length(text.length))
    out.at = writeBase64(text, out.bytes, out.at)
    out.ascii('"')
    // what is too long is known with the document that makes it so, and not with the next
    out.reserve(0)
    this.#last = peer
  }

  /** Ends the record. Bytes of their own. */
  take(): Uint8Array<ArrayBuffer> {
    this.#out.ascii('}')
    return this.#out.take()
  }
}
