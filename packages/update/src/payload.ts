import { peerIdFromMultihash, peerIdFromString } from '@libp2p/peer-id'
import { CborReader, CborWriter, type CborValue } from '@sr/xr/cbor'
import * as dagCbor from '@sr/xr/dag-cbor'
import type { Node, XrError } from '@sr/xr'
import { decode as decodeDigest } from 'multiformats/hashes/digest'
import { overLimit, UpdateError } from './errors.ts'
import { MAX_EXTRA_BYTES, MAX_EXTRA_KEYS, MAX_KEY_BYTES, MAX_NETWORK_BYTES } from './limits.ts'

/** Fields that a reader may not know; they are kept, hashed and charged, and otherwise ignored. */
export type UpdateExtra = ReadonlyMap<string, CborValue>

/** The fields of an update that its author chooses. */
export interface UpdateFields {
  /** the record's key, 1 to 1,024 bytes */
  readonly key: Uint8Array
  /** peer id as text (base58btc) */
  readonly writer: string
  /** the writer's hybrid logical clock, microseconds since 1970, below 2^53 */
  readonly seq: number
  /** when the update ends, milliseconds since 1970 */
  readonly expires: number
  /** until when the memory of what the update replaced is kept, milliseconds since 1970 */
  readonly retain: number
  readonly body: Node
  /** up to 8 entries and 1,024 bytes */
  readonly extra?: UpdateExtra
}

/** A payload without its body decoded. */
export interface PayloadHead extends Omit<UpdateFields, 'body' | 'writer'> {
  readonly network: string
  /** peer id as multihash bytes */
  readonly writerBytes: Uint8Array
  /** natural dag-cbor of the body, a view of the payload */
  readonly body: Uint8Array
}

const FIELDS = 7

/**
 * The payload of an update: the canonical dag-cbor list `[network, key, writer, seq, expires, retain, body, extra?]`.
 * The body is not validated here.
 *
 * @throws UpdateError `UPDATE_KEY`, `UPDATE_WRITER`, `UPDATE_SIZE` or `UPDATE_FORM` (extra); XrError `XR_INT` or `XR_VALUE` for numbers
 */
export function encodePayload(
  network: string,
  { key, writer, seq, expires, retain, body, extra }: UpdateFields,
): Uint8Array {
  assertKey(key)
  const encoded = dagCbor.encode(body)
  const out = new CborWriter(encoded.length + key.length + 256)
    .list(FIELDS + (extra === undefined ? 0 : 1))
    .text(network)
    .bytes(key)
    .bytes(writerToBytes(writer))
    .int(seq)
    .int(expires)
    .int(retain)
    .item(encoded)
  if (extra !== undefined) {
    out.item(encodeExtra(extra))
  }
  return out.take()
}

/**
 * Reads a payload up to its body, which is handed out as bytes. Byte strings are views of the payload.
 *
 * @throws UpdateError `UPDATE_FORM` (with the XrError as cause), `UPDATE_NETWORK`, `UPDATE_KEY`, `UPDATE_SIZE` (extra)
 */
export function decodePayload(payload: Uint8Array, network: string): PayloadHead {
  const reader = new CborReader(payload)
  const head = formChecked(() => readFields(reader))
  if (head.network !== network) {
    throw new UpdateError('UPDATE_NETWORK', `the update was made for another network`, { path: ['network'] })
  }
  assertKey(head.key)
  return head
}

function readFields(reader: CborReader): PayloadHead {
  const count = reader.list()
  if (count !== FIELDS && count !== FIELDS + 1) {
    throw new UpdateError('UPDATE_FORM', `a payload has ${FIELDS} or ${FIELDS + 1} fields, not ${count}`)
  }
  const head = {
    network: reader.text(),
    key: reader.bytes(),
    writerBytes: reader.bytes(),
    seq: natural(reader, 'seq'),
    expires: natural(reader, 'expires'),
    retain: natural(reader, 'retain'),
    body: reader.span(),
  }
  if (count === FIELDS) {
    reader.end()
    return head
  }
  const from = reader.offset
  const extra = reader.value()
  if (!(extra instanceof Map)) {
    throw new UpdateError('UPDATE_FORM', 'extra must be a map', { path: ['extra'] })
  }
  assertExtra(extra.size, reader.offset - from)
  reader.end()
  return { ...head, extra: extra as UpdateExtra }
}

function natural(reader: CborReader, name: string): number {
  const value = reader.int()
  if (value < 0) {
    throw new UpdateError('UPDATE_FORM', `${name} must not be negative`, { path: [name] })
  }
  return value
}

/** What is written can be read: the reader's limits hold for the author too. */
function encodeExtra(extra: UpdateExtra): Uint8Array {
  const bytes = formChecked(() => new CborWriter().value(extra).take())
  assertExtra(extra.size, bytes.length)
  formChecked(() => new CborReader(bytes).value())
  return bytes
}

/** Runs a step whose XrErrors mean that a payload or envelope is malformed. */
function formChecked<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof UpdateError || !(cause instanceof Error) || !('code' in cause)) {
      throw cause
    }
    const { limit, max, got } = cause as Partial<XrError>
    throw new UpdateError('UPDATE_FORM', `a payload is malformed: ${cause.message}`, { limit, max, got, cause })
  }
}

function assertKey({ length }: Uint8Array): void {
  if (length < 1 || length > MAX_KEY_BYTES) {
    throw new UpdateError('UPDATE_KEY', `a key has 1 to ${MAX_KEY_BYTES} bytes, not ${length}`, {
      limit: 'key',
      max: MAX_KEY_BYTES,
      got: length,
    })
  }
}

function assertExtra(keys: number, bytes: number): void {
  if (keys < 1 || keys > MAX_EXTRA_KEYS) {
    throw new UpdateError('UPDATE_FORM', `extra has 1 to ${MAX_EXTRA_KEYS} entries, not ${keys}`, {
      path: ['extra'],
      limit: 'extraKeys',
      max: MAX_EXTRA_KEYS,
      got: keys,
    })
  }
  if (bytes > MAX_EXTRA_BYTES) {
    throw overLimit('UPDATE_SIZE', 'extra', MAX_EXTRA_BYTES, bytes)
  }
}

/** @throws UpdateError `UPDATE_CONFIG` unless the name has 1 to 128 bytes */
export function assertNetwork(network: string): void {
  const bytes = new TextEncoder().encode(network)
  if (!network.isWellFormed() || bytes.length < 1 || bytes.length > MAX_NETWORK_BYTES) {
    throw new UpdateError('UPDATE_CONFIG', `network must be a text of 1 to ${MAX_NETWORK_BYTES} bytes`, {
      limit: 'network',
      max: MAX_NETWORK_BYTES,
      got: bytes.length,
    })
  }
}

/** Writers whose bytes are remembered: decoding a peer id takes longer than the rest of an unsigned update. */
const MAX_KNOWN_WRITERS = 1024

const KNOWN_WRITERS = new Map<string, Uint8Array>()

/** Multihash bytes of a peer id, which must be in the spelling that `toString` gives. @throws UpdateError `UPDATE_WRITER` */
export function writerToBytes(writer: string): Uint8Array {
  const known = KNOWN_WRITERS.get(writer)
  if (known !== undefined) {
    return known
  }
  const bytes = decodeWriter(writer)
  // the same peer in another spelling would be another writer
  if (bytes === undefined || writerFromBytes(bytes) !== writer) {
    throw new UpdateError('UPDATE_WRITER', `the writer is not a peer id in base58btc: ${String(writer).slice(0, 80)}`, {
      path: ['writer'],
    })
  }
  if (KNOWN_WRITERS.size >= MAX_KNOWN_WRITERS) {
    KNOWN_WRITERS.clear()
  }
  KNOWN_WRITERS.set(writer, bytes)
  return bytes
}

/** Whether {@link writerToBytes} accepts a text. */
export function isWriter(writer: string): boolean {
  try {
    writerToBytes(writer)
    return true
  } catch {
    return false
  }
}

function decodeWriter(writer: string): Uint8Array | undefined {
  try {
    return peerIdFromString(writer).toMultihash().bytes
  } catch {
    return undefined
  }
}

/** A peer id's text of its multihash bytes. @throws UpdateError `UPDATE_WRITER` */
export function writerFromBytes(bytes: Uint8Array): string {
  try {
    return peerIdFromMultihash(decodeDigest(bytes)).toString()
  } catch (cause) {
    throw new UpdateError('UPDATE_WRITER', 'the writer is not the multihash of a peer id', { path: ['writer'], cause })
  }
}
