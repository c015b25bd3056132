import { CborReader } from '@sr/xr/cbor'

/** Protobuf tag of the payload in a signed envelope: field 3, length-delimited. https://github.com/libp2p/specs/blob/master/RFC/0002-signed-envelopes.md */
const PAYLOAD_TAG = 0x1a

/** For which record and by whom a signed update claims to be. */
export interface EnvelopeHead {
  readonly key: Uint8Array
  /** peer id in bytes */
  readonly writer: Uint8Array
}

/**
 * Reads the head of a signed update without a check of anything else: requests that touch one key keep their order. Undefined for
 * bytes that are no update, which the machine refuses.
 */
export function envelopeHead(envelope: Uint8Array): EnvelopeHead | undefined {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = envelope[at++] ?? 0
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        return value
      }
    }
    return Infinity
  }
  while (at < envelope.length) {
    const tag = varint()
    const length = varint()
    if (tag === PAYLOAD_TAG) {
      return payloadHead(envelope.subarray(at, at + length))
    }
    at += length
  }
  return undefined
}

/** Network, key and writer are the first three items of a payload. */
function payloadHead(payload: Uint8Array): EnvelopeHead | undefined {
  try {
    const reader = new CborReader(payload)
    reader.list()
    reader.text()
    return { key: reader.bytes(), writer: reader.bytes() }
  } catch {
    return undefined
  }
}
