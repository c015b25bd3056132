import { type Dict, isKind, type Limits, limitsOf, XrError } from '@sr/xr'
import { ProtocolError } from '@sr/protocol'
import { DOCUMENT_LIMITS } from '../limits.ts'
import { base64Bytes, readBase64 } from './base64.ts'
import { goDocument } from './document.ts'
import { CLOSE_OBJECT, Lexer, OPEN_OBJECT, QUOTE } from './lexer.ts'
import { canonicalPeerId } from './peer-id.ts'
import { type GoRecordEncodeOptions, GoRecordWriter } from './record-writer.ts'

const COMMA = 0x2c

/** Options of reading a record. */
export interface GoRecordDecodeOptions {
  /**
   * Called for a document that cannot be read, so that one writer cannot make the whole record
   * unreadable; without it such a document is an error.
   */
  readonly onUnreadable?: (peer: string, error: XrError) => void
}

function encode(record: ReadonlyMap<string, Dict>, options: GoRecordEncodeOptions = {}): Uint8Array<ArrayBuffer> {
  const writer = new GoRecordWriter(options)
  // peer ids are ASCII, so the order of their units is that of their bytes, as in Go
  for (const peer of [...record.keys()].sort()) {
    writer.add(peer, record.get(peer) as Dict)
  }
  return writer.take()
}

/**
 * @throws ProtocolError `PROTOCOL_DOC` when the record is malformed; XrError for a document that is malformed or above
 * its limits, with the peer id as the first step of its path
 */
function decode(bytes: Uint8Array, limits?: Partial<Limits>, options: GoRecordDecodeOptions = {}): Map<string, Dict> {
  const lexer = new Lexer(bytes)
  const bounds = limitsOf({ ...DOCUMENT_LIMITS, ...limits })
  const record = new Map<string, Dict>()
  if (lexer.skip() === 0x6e) {
    // Go writes a nil map as null
    word(lexer, 'null')
  } else {
    expect(lexer, OPEN_OBJECT, 'a record')
    if (lexer.skip() === CLOSE_OBJECT) {
      lexer.at++
    } else {
      readEntries(lexer, bounds, record, options.onUnreadable)
    }
  }
  if (lexer.skip() !== -1) {
    throw malformed('unexpected bytes after the record')
  }
  return record
}

function readEntries(
  lexer: Lexer,
  limits: Readonly<Limits>,
  record: Map<string, Dict>,
  onUnreadable: GoRecordDecodeOptions['onUnreadable'],
): void {
  for (;;) {
    const name = readString(lexer, () => lexer.text())
    const peer = canonicalPeerId(name)
    if (peer === undefined) {
      throw malformed('a key of a record must be a peer id')
    }
    if (lexer.skip() !== 0x3a) {
      throw malformed('expected a colon after a peer id')
    }
    lexer.at++
    // of equal peer ids the last one is kept, as in Go
    const document = readDocument(lexer, limits)
    if (!(document instanceof XrError)) {
      record.set(peer, document)
    } else if (onUnreadable === undefined) {
      throw under(peer, document)
    } else {
      onUnreadable(peer, document)
    }
    const byte = lexer.skip()
    lexer.at++
    if (byte === CLOSE_OBJECT) {
      return
    }
    if (byte !== COMMA) {
      throw malformed('expected a comma or the end after a document')
    }
  }
}

/** Takes a string, and reads it. */
function readString<T>(lexer: Lexer, read: () => T): T {
  if (lexer.skip() !== QUOTE) {
    throw malformed('expected a string, a peer id or a document of a record')
  }
  try {
    lexer.string()
    return read()
  } catch (cause) {
    throw malformed('expected a string, a peer id or a document of a record', cause)
  }
}

/** The document, or the error why it cannot be read. */
function readDocument(lexer: Lexer, limits: Readonly<Limits>): Dict | XrError {
  const text = readString(lexer, () => lexer.plainBytes())
  const length = base64Bytes(text, 0, text.length)
  if (length < 0) {
    throw malformed('a document of a record must be base64')
  }
  try {
    const node = goDocument.decode(readBase64(text, 0, text.length, length), limits)
    return isKind(node, 'dict') ? node : new XrError('XR_KIND', 'a document must be a Dict')
  } catch (err) {
    if (err instanceof XrError) {
      return err
    }
    throw err
  }
}

/** The error with the peer id in front of its path. */
function under(peer: string, { code, message, path, limit, max, got, cause }: XrError): XrError {
  return new XrError(code, message, {
    path: [peer, ...(path ?? [])],
    ...(limit === undefined || max === undefined || got === undefined ? {} : { limit, max, got }),
    ...(cause === undefined ? {} : { cause }),
  })
}

function word(lexer: Lexer, text: string): void {
  for (let i = 0; i < text.length; i++) {
    if (lexer.bytes[lexer.at++] !== text.charCodeAt(i)) {
      throw malformed('expected an object or null as a record')
    }
  }
}

function expect(lexer: Lexer, byte: number, what: string): void {
  if (lexer.skip() !== byte) {
    throw malformed(`expected ${what}`)
  }
  lexer.at++
}

function malformed(message: string, cause?: unknown): ProtocolError {
  return new ProtocolError('PROTOCOL_DOC', message, cause === undefined ? {} : { cause })
}

/**
 * The answer to a GET on the Go protocol: the documents by the peer ids of their writers, each in the
 * form of {@link goDocument} and base64.
 *
 * @example
 * ```ts
 * import { Dict, print } from '@sr/xr'
 * import { goRecordValue } from '@sr/protocol-go'
 *
 * const bob = '12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu'
 * const bytes = goRecordValue.encode(new Map([[bob, Dict.from([['x', 1n]])]]))
 * for (const [peer, document] of goRecordValue.decode(bytes)) console.log(peer === bob, print(document)) // true {x=1}
 * ```
 */
export const goRecordValue: {
  encode(record: ReadonlyMap<string, Dict>, options?: GoRecordEncodeOptions): Uint8Array<ArrayBuffer>
  decode(bytes: Uint8Array, limits?: Partial<Limits>, options?: GoRecordDecodeOptions): Map<string, Dict>
} = { encode, decode }
