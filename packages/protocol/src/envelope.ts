import { ProtocolError } from './errors.ts'
import { ProtobufReader, WireType } from './protobuf.ts'

/** A libp2p signed envelope, taken apart. https://github.com/libp2p/specs/blob/master/RFC/0002-signed-envelopes.md */
export interface Envelope {
  readonly publicKey: Uint8Array
  readonly payloadType: Uint8Array
  readonly payload: Uint8Array
  readonly signature: Uint8Array
}

/** Field numbers, in the order in which they must stand. */
const FIELDS = [1, 2, 3, 5]

/**
 * Reads an envelope strictly: its four fields once each, in order, nothing else. Stock decoders
 * take more than one envelope for the same update, and carry along what nobody has signed.
 *
 * @throws ProtocolError `PROTOCOL_PROTO`
 */
export function readEnvelope(bytes: Uint8Array): Envelope {
  const reader = new ProtobufReader(bytes)
  const [publicKey, payloadType, payload, signature] = FIELDS.map((field) => {
    if (reader.done || reader.tag() !== ((field << 3) | WireType.BYTES)) {
      throw new ProtocolError(
        'PROTOCOL_PROTO',
        'an envelope has a public key, a payload type, a payload and a signature, in this order',
      )
    }
    return reader.bytes()
  }) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  if (!reader.done || FIELDS.length + lengthBytes(publicKey, payloadType, payload, signature) !== bytes.length) {
    throw new ProtocolError(
      'PROTOCOL_PROTO',
      'an envelope holds nothing else, and its lengths are in their shortest form',
    )
  }
  return { publicKey, payloadType, payload, signature }
}

/** Bytes of fields and of their lengths. */
function lengthBytes(...fields: Uint8Array[]): number {
  return fields.reduce(
    (sum, { length }) => sum + length + (length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x200000 ? 3 : 4),
    0,
  )
}
