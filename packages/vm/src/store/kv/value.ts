import type { StoreEntry, StoreIndex, StoreRef } from '../store.ts'
import { crc32c } from './checksum.ts'

/*
 * Layout of every value: version (1 byte), CRC32C of key, version and content (4), content. Numbers are little-endian.
 * Content of an update and of its entry of the index: flags (1), retain (8, float64), cost (8, float64), writer (length, 2, and UTF-8),
 * chargedTo in the same way if the flag says so, and of an update its bytes. A float64 has every whole number up to 2^53.
 */

/** Version of the format of keys and values. */
export const FORMAT = 1

const CRC_AT = 1
const CONTENT_AT = 5
const FLAGS_AT = 5
const RETAIN_AT = 6
const COST_AT = 14
const WRITER_AT = 22
const LENGTH_BYTES = 2

const RESUMED = 1
const SIGNED = 2
const LOCAL = 4
/** another writer pays */
const CHARGED = 8

const NO_BYTES = new Uint8Array(0)
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A value that cannot be what was written under its key. */
export class DamagedValueError extends Error {
  readonly code = 'STORE_DAMAGED'

  constructor(key: string, found: string) {
    super(`value of ${key}: ${found}`)
    this.name = 'DamagedValueError'
  }
}

/** Encodes an update, or without bytes its entry of the index, as the value of a key. */
export function encodeEntry(key: string, index: StoreIndex, bytes: Uint8Array = NO_BYTES): Uint8Array {
  const writer = encoder.encode(index.writer)
  const isCharged = index.chargedTo !== index.writer
  const chargedTo = isCharged ? encoder.encode(index.chargedTo) : NO_BYTES
  const chargedAt = WRITER_AT + LENGTH_BYTES + writer.length
  const bytesAt = isCharged ? chargedAt + LENGTH_BYTES + chargedTo.length : chargedAt
  const value = new Uint8Array(bytesAt + bytes.length)
  const view = new DataView(value.buffer)
  value[FLAGS_AT] =
    (index.resumed ? RESUMED : 0) | (index.signed ? SIGNED : 0) | (index.local ? LOCAL : 0) | (isCharged ? CHARGED : 0)
  view.setFloat64(RETAIN_AT, index.retain, true)
  view.setFloat64(COST_AT, index.cost, true)
  view.setUint16(WRITER_AT, writer.length, true)
  value.set(writer, WRITER_AT + LENGTH_BYTES)
  if (isCharged) {
    view.setUint16(chargedAt, chargedTo.length, true)
    value.set(chargedTo, chargedAt + LENGTH_BYTES)
  }
  value.set(bytes, bytesAt)
  return seal(key, value)
}

/**
 * Decodes an update; its bytes are a copy.
 *
 * @throws DamagedValueError when the version is unknown, the checksum differs or the content is cut off
 */
export function decodeEntry(key: string, ref: Pick<StoreRef, 'record' | 'hash'>, value: Uint8Array): StoreEntry {
  const view = open(key, value)
  try {
    return parseEntry(ref, value, view)
  } catch (cause) {
    throw new DamagedValueError(key, `not an update: ${String(cause)}`)
  }
}

/** Decodes an update, or an entry of the index, without the bytes; throws as {@link decodeEntry}. */
export function decodeIndex(key: string, ref: Pick<StoreRef, 'record' | 'hash'>, value: Uint8Array): StoreIndex {
  const { bytes: _, ...index } = decodeEntry(key, ref, value)
  return index
}

/** What a damaged update says its `retain` is, which may be wrong; undefined when it is too short. */
export function damagedRetain(value: Uint8Array): number | undefined {
  const retain = value.length < WRITER_AT ? Number.NaN : viewOf(value).getFloat64(RETAIN_AT, true)
  return Number.isSafeInteger(retain) && retain >= 0 ? retain : undefined
}

function parseEntry(
  { record, hash }: Pick<StoreRef, 'record' | 'hash'>,
  value: Uint8Array,
  view: DataView,
): StoreEntry {
  const flags = value[FLAGS_AT] as number
  const [writer, chargedAt] = readText(value, view, WRITER_AT)
  const [chargedTo, bytesAt] = (flags & CHARGED) === 0 ? [writer, chargedAt] : readText(value, view, chargedAt)
  return {
    record,
    hash,
    retain: view.getFloat64(RETAIN_AT, true),
    writer,
    chargedTo,
    cost: view.getFloat64(COST_AT, true),
    resumed: (flags & RESUMED) !== 0,
    signed: (flags & SIGNED) !== 0,
    local: (flags & LOCAL) !== 0,
    // slice() of a Buffer would share its memory
    bytes: new Uint8Array(value.subarray(bytesAt)),
  }
}

function readText(value: Uint8Array, view: DataView, at: number): [text: string, end: number] {
  const start = at + LENGTH_BYTES
  const end = start + view.getUint16(at, true)
  if (end > value.length) {
    throw new RangeError(`a text ends at ${end} of ${value.length} bytes`)
  }
  return [decoder.decode(value.subarray(start, end)), end]
}

/** Encodes numbers as the value of a key. */
export function encodeNumbers(key: string, numbers: readonly number[]): Uint8Array {
  const value = new Uint8Array(CONTENT_AT + numbers.length * 8)
  const view = new DataView(value.buffer)
  numbers.forEach((number, n) => {
    view.setFloat64(CONTENT_AT + n * 8, number, true)
  })
  return seal(key, value)
}

/** Decodes numbers; throws as {@link decodeEntry}. */
export function decodeNumbers(key: string, count: number, value: Uint8Array): number[] {
  const view = open(key, value)
  if (value.length !== CONTENT_AT + count * 8) {
    throw new DamagedValueError(key, `${value.length} bytes, expected ${CONTENT_AT + count * 8}`)
  }
  return Array.from({ length: count }, (_, n) => view.getFloat64(CONTENT_AT + n * 8, true))
}

/** Encodes a text, and bytes after it, as the value of a key. */
export function encodeText(key: string, text: string, bytes: Uint8Array): Uint8Array {
  const encoded = encoder.encode(text).subarray(0, 0xffff)
  const value = new Uint8Array(CONTENT_AT + LENGTH_BYTES + encoded.length + bytes.length)
  new DataView(value.buffer).setUint16(CONTENT_AT, encoded.length, true)
  value.set(encoded, CONTENT_AT + LENGTH_BYTES)
  value.set(bytes, CONTENT_AT + LENGTH_BYTES + encoded.length)
  return seal(key, value)
}

/** Decodes a text with the bytes after it; throws as {@link decodeEntry}. */
export function decodeText(key: string, value: Uint8Array): { text: string; bytes: Uint8Array } {
  const view = open(key, value)
  try {
    const [text, end] = readText(value, view, CONTENT_AT)
    return { text, bytes: new Uint8Array(value.subarray(end)) }
  } catch (cause) {
    throw new DamagedValueError(key, `not a text: ${String(cause)}`)
  }
}

/** Writes version and checksum. */
function seal(key: string, value: Uint8Array): Uint8Array {
  value[0] = FORMAT
  viewOf(value).setUint32(CRC_AT, checksum(key, value), true)
  return value
}

/** Verifies version and checksum. */
function open(key: string, value: Uint8Array): DataView {
  if (value.length < CONTENT_AT) {
    throw new DamagedValueError(key, `${value.length} bytes, expected ${CONTENT_AT} or more`)
  }
  if (value[0] !== FORMAT) {
    throw new DamagedValueError(key, `version ${value[0]}, expected ${FORMAT}`)
  }
  const view = viewOf(value)
  const [found, expected] = [checksum(key, value), view.getUint32(CRC_AT, true)]
  if (found !== expected) {
    throw new DamagedValueError(key, `CRC32C ${found.toString(16)}, expected ${expected.toString(16)}`)
  }
  return view
}

function checksum(key: string, value: Uint8Array): number {
  return crc32c(value.subarray(CONTENT_AT), crc32c(value.subarray(0, CRC_AT), crc32c(encoder.encode(key))))
}

function viewOf(value: Uint8Array): DataView {
  return new DataView(value.buffer, value.byteOffset, value.length)
}
