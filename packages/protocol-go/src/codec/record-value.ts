import { type Dict, isKind, type Limits, limitsOf, XrError } from '@sr/xr'
import { ProtocolError } from '@sr/protocol'
import { DOCUMENT_LIMITS } from '../limits.ts'
import { base64Bytes, readBase64 } from './base64.ts'
import { goDocument } from './document.ts'
import { CLOSE_OBJECT, Lexer, OPEN_OBJECT, QUOTE } from './lexer.ts'
import { canonicalPeerId } from './peer-id.ts'
import { type GoRecordEncodeOptions, GoRecordWriter } from './record-writer.ts'

const COMMA = 0x2c

/** What else reading a record may be told. */
export interface GoRecordDecodeOptions {
  /**
   * Takes the documents that cannot be read, so that one writer cannot keep the others' from being
   * read; without it they are an error, and nothing is read.
   */
  readonly onUnreadable?: (peer: string, error: XrError) => void
}

function encode(record: ReadonlyMap<string, Dict>, options: GoRecordEncodeOptions = {}): Uint8Array<ArrayBuffer> {
  const writer = new GoRecordWriter(options)
  // peer ids are ASCII, so that the order of their units is that of their bytes, as Go has it
  for (const peer of [...record.keys()].sort()) {
    writer.add(peer, record.get(peer) as Dict)
  }
  return writer.take()
}

/**
 * @throws ProtocolError `PROTOCOL_DOC` when it is no record; XrError for a document that is none or is above
 * its limits, with the peer id at the head of its path
 */
function decode(bytes: Uint8Array, limits?: Partial<Limits>, options: GoRecordDecodeOptions = {}): Map<string, Dict> {
  const lexer = new Lexer(bytes)
  const bounds = limitsOf({ ...DOCUMENT_LIMITS, ...limits })
  const record = new Map<string, Dict>()
  if (lexer.skip() === 0x6e) {
    // null, as Go writes a map that was never made
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
    throw malformed('nothing may follow a record')
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
      throw malformed('the documents of a record are told apart by peer ids')
    }
    if (lexer.skip() !== 0x3a) {
      throw malformed('a colon stands between a peer id and a document')
    }
    lexer.at++
    // of equal peer ids the last one counts, as in Go
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
      throw malformed('a comma or the end stands behind a document')
    }
  }
}

/** Takes a string, and reads it. */
function readString<T>(lexer: Lexer, read: () => T): T {
  if (lexer.skip() !== QUOTE) {
    throw malformed('a record holds peer ids and documents as strings')
  }
  try {
    lexer.string()
    return read()
  } catch (cause) {
    throw malformed('a record holds peer ids and documents as strings', cause)
  }
}

/** The document, or why it is none. */
function readDocument(lexer: Lexer, limits: Readonly<Limits>): Dict | XrError {
  const text = readString(lexer, () => lexer.plainBytes())
  const length = base64Bytes(text, 0, text.length)
  if (length < 0) {
    throw malformed('a document stands in a record as base64')
  }
  try {
    const node = goDocument.decode(readBase64(text, 0, text.length, length), limits)
    return isKind(node, 'dict') ? node : new XrError('XR_KIND', 'a document is a Dict')
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
      throw malformed('a record is an object')
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
 * The answer to a GET on the Go protocol: every writer's document by its peer id, each in the form
 * of {@link goDocument} behind base64.
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
