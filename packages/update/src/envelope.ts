import { concat } from 'uint8arrays/concat'
import { UpdateError } from './errors.ts'

/** A libp2p signed envelope, taken apart. https://github.com/libp2p/specs/blob/master/RFC/0002-signed-envelopes.md */
export interface Envelope {
  readonly publicKey: Uint8Array
  readonly payloadType: Uint8Array
  readonly payload: Uint8Array
  readonly signature: Uint8Array
}

/** Separates these signatures from all others made with the same key. */
export const UPDATE_DOMAIN = 'smart-record-update'

/** What is signed: a payload of version 1. A path, after the multicodec "namespace", as the RFC provides. */
export const UPDATE_PAYLOAD_TYPE = '/smart-record/update/1'

const encoder = new TextEncoder()
const DOMAIN: Uint8Array = encoder.encode(UPDATE_DOMAIN)
export const PAYLOAD_TYPE: Uint8Array = encoder.encode(UPDATE_PAYLOAD_TYPE)

/** Numbers of the protobuf fields, in the order in which they must stand. */
const FIELDS = [1, 2, 3, 5] as const
/** Wire type of a length-delimited protobuf field. */
const LENGTH_DELIMITED = 2
/** An update is shorter than 2^21 bytes, so a length has at most 3 digits of 7 bits. */
const MAX_LENGTH_DIGITS = 3

/** The envelope as bytes: a protobuf with its fields in order. */
export function encodeEnvelope({ publicKey, payloadType, payload, signature }: Envelope): Uint8Array {
  const fields = [publicKey, payloadType, payload, signature]
  return concat(
    fields.flatMap((bytes, i) => [
      Uint8Array.of(((FIELDS[i] as number) << 3) | LENGTH_DELIMITED),
      prefix(bytes),
      bytes,
    ]),
  )
}

/**
 * Reads an envelope strictly: its four fields once each, in order, with minimal lengths, and nothing else. Stock
 * protobuf decoders accept many byte forms of one envelope, and carry along bytes that are not signed. The fields are
 * views of the input.
 *
 * @throws UpdateError `UPDATE_ENVELOPE`
 */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  let at = 0
  const [publicKey, payloadType, payload, signature] = FIELDS.map((field) => {
    if (bytes[at++] !== ((field << 3) | LENGTH_DELIMITED)) {
      throw malformed('public key, payload type, payload and signature must stand in this order')
    }
    let length = 0
    for (let digit = 0; ; digit++) {
      const byte = bytes[at++]
      if (byte === undefined || digit === MAX_LENGTH_DIGITS || (byte === 0 && digit > 0)) {
        throw malformed('a length is cut off, too long or not minimal')
      }
      length |= (byte & 0x7f) << (7 * digit)
      if (byte < 0x80) {
        break
      }
    }
    at += length
    if (at > bytes.length) {
      throw malformed('a field is longer than the envelope')
    }
    return bytes.subarray(at - length, at)
  }) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  if (at !== bytes.length) {
    throw malformed('there are bytes after the signature')
  }
  return { publicKey, payloadType, payload, signature }
}

/** The bytes that a signature covers: domain, payload type and payload, each behind its length. */
export function signedBytes(payload: Uint8Array): Uint8Array {
  return concat([DOMAIN, PAYLOAD_TYPE, payload].flatMap((bytes) => [prefix(bytes), bytes]))
}

/** The length of bytes as an unsigned varint. */
function prefix({ length }: Uint8Array): Uint8Array {
  const digits: number[] = []
  let left = length
  while (left >= 0x80) {
    digits.push((left & 0x7f) | 0x80)
    left >>>= 7
  }
  return Uint8Array.from([...digits, left])
}

function malformed(what: string): UpdateError {
  return new UpdateError('UPDATE_ENVELOPE', `not a signed envelope: ${what}`)
}
