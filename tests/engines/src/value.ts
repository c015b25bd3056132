import { crc32c } from './checksum.ts'

/** Layout: version (1 byte), CRC32C (4), length of the JSON (2), JSON, bytes. Numbers are little-endian. */
const VERSION = 1
const CRC_AT = 1
const LENGTH_AT = 5
const JSON_AT = 7

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** A value that cannot be what was written under its key. */
export class DamagedValueError extends Error {
  readonly code = 'STORE_DAMAGED'
  constructor(key: string, found: string) {
    super(`value of ${key}: ${found}`)
    this.name = 'DamagedValueError'
  }
}

/** Encodes fields and bytes as the value of a key. The checksum covers the key too. */
export function encodeValue(key: string, fields: unknown, bytes: Uint8Array): Uint8Array {
  const json = encoder.encode(JSON.stringify(fields))
  const value = new Uint8Array(JSON_AT + json.length + bytes.length)
  const view = new DataView(value.buffer)
  value[0] = VERSION
  view.setUint16(LENGTH_AT, json.length, true)
  value.set(json, JSON_AT)
  value.set(bytes, JSON_AT + json.length)
  view.setUint32(CRC_AT, checksum(key, value), true)
  return value
}

/**
 * Decodes a value; its bytes are a copy.
 * @throws DamagedValueError when the version is unknown or the checksum differs
 */
export function decodeValue<Fields>(key: string, value: Uint8Array): { fields: Fields; bytes: Uint8Array } {
  if (value.length < JSON_AT) {
    throw new DamagedValueError(key, `${value.length} bytes, expected ${JSON_AT} or more`)
  }
  if (value[0] !== VERSION) {
    throw new DamagedValueError(key, `version ${value[0]}, expected ${VERSION}`)
  }
  const view = new DataView(value.buffer, value.byteOffset, value.length)
  const [found, expected] = [checksum(key, value), view.getUint32(CRC_AT, true)]
  if (found !== expected) {
    throw new DamagedValueError(key, `CRC32C ${found.toString(16)}, expected ${expected.toString(16)}`)
  }
  const end = JSON_AT + view.getUint16(LENGTH_AT, true)
  const fields = JSON.parse(decoder.decode(value.subarray(JSON_AT, end))) as Fields
  // slice() of a Buffer would share its memory
  return { fields, bytes: new Uint8Array(value.subarray(end)) }
}

function checksum(key: string, value: Uint8Array): number {
  return crc32c(value.subarray(LENGTH_AT), crc32c(encoder.encode(key)))
}
