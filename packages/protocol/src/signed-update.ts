import { publicKeyFromProtobuf, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey, PublicKey } from '@libp2p/interface'
import { peerIdFromPrivateKey, peerIdFromPublicKey } from '@libp2p/peer-id'
import { RecordEnvelope } from '@libp2p/peer-record'
import { Dict, isKind, type Kind, type KindTypes, LIMITS, type Node, size } from '@sr/xr'
import * as dagCbor from '@sr/xr/dag-cbor'
import { sha256 } from 'multiformats/hashes/sha2'
import { equals } from 'uint8arrays/equals'
import { toString } from 'uint8arrays/to-string'
import { type Envelope, readEnvelope } from './envelope.ts'
import { overLimit, ProtocolError } from './errors.ts'
import { UPDATE_DOMAIN, UPDATE_PAYLOAD_TYPE } from './ids.ts'
import { MAX_KEY_BYTES } from './limits.ts'

/** The fields of an update, as signed. */
export interface UpdatePayload {
  /** the record's key, 1 to 1,024 bytes */
  readonly key: Uint8Array
  /** peer id, base58 */
  readonly writer: string
  /** the writer's hybrid logical clock, microseconds since 1970, below 2^53 */
  readonly seq: number
  /** when it ends, milliseconds since 1970 */
  readonly expires: number
  /** until when what it replaced is remembered, milliseconds */
  readonly retain: number
  readonly body: Node
}

/** An update with what its bytes say of it. */
export interface DecodedUpdate extends UpdatePayload {
  /** SHA-256 of the payload, 64 lower-case hex digits: the update's identity, whoever put it into which envelope */
  readonly hash: string
  /** whether the writer signed it */
  readonly signed: boolean
}

/** What {@link createUpdateCodec} needs. */
export interface UpdateCodecInit {
  /** name of the network; updates of another are refused */
  readonly network: string
  /** signs as its owner; without it there is no `sign` */
  readonly privateKey?: PrivateKey
}

/** Turns updates into bytes and back. */
export interface UpdateCodec {
  /** @throws ProtocolError `PROTOCOL_TOO_LARGE`, `PROTOCOL_PROTO`, `PROTOCOL_SIG`, `PROTOCOL_KEY`, `PROTOCOL_DOC`; XrError for a payload that is no canonical dag-cbor or above its limits */
  decode(bytes: Uint8Array): Promise<DecodedUpdate>
  /** An update that nobody signed: it starts with a byte that no envelope starts with. */
  encode(payload: UpdatePayload): Promise<Uint8Array>
  /** An update signed by the owner of the private key. */
  sign?(payload: Omit<UpdatePayload, 'writer'>): Promise<Uint8Array>
}

/** First byte of an unsigned update, version 1. As a protobuf it would be field 0, so no envelope begins with it. */
const UNSIGNED = 0x01

/** Around the body: seven names, and the values beside it, of which the key and the network are longest. */
const FIELDS = ['network', 'key', 'writer', 'seq', 'expires', 'retain', 'body'] as const
const MAX_NETWORK_BYTES = 128
const PAYLOAD_OVERHEAD_BYTES = MAX_KEY_BYTES + 2 * MAX_NETWORK_BYTES + 256
const PAYLOAD_LIMITS = {
  ...LIMITS,
  depth: LIMITS.depth + 1,
  nodes: LIMITS.nodes + 2 * FIELDS.length,
  size: LIMITS.size + PAYLOAD_OVERHEAD_BYTES,
}

/** A key and a signature of RSA 4096, and the names around them. */
const ENVELOPE_OVERHEAD_BYTES = 2048

/** Longest RSA key that is verified, bytes of its modulus: a longer one costs its reader more than its writer. */
const MAX_RSA_BYTES = 512

/**
 * The codec of signed updates: libp2p signed envelopes around canonical dag-cbor. The author is
 * whoever signed, with an Ed25519 key or an RSA key up to 4,096 bits; which connection an update
 * came on says nothing about it.
 *
 * @example
 * ```ts
 * import { generateKeyPair } from '@libp2p/crypto/keys'
 * import { from, print } from '@sr/xr'
 * import { createUpdateCodec } from '@sr/protocol'
 *
 * const codec = createUpdateCodec({ network: 'main', privateKey: await generateKeyPair('Ed25519') })
 * const bytes = await codec.sign?.({ key: Uint8Array.of(1), seq: 1, expires: 2000, retain: 2000, body: from({ nick: 'bob' }) })
 * const { body, signed } = await codec.decode(bytes ?? new Uint8Array())
 * console.log(print(body), signed) // {nick="bob"} true
 * ```
 */
export function createUpdateCodec({ network, privateKey }: UpdateCodecInit): UpdateCodec {
  if (size(network) > MAX_NETWORK_BYTES) {
    throw overLimit('PROTOCOL_CONFIG', 'network', MAX_NETWORK_BYTES, size(network))
  }
  const codec: UpdateCodec = {
    decode: (bytes) => decode(bytes, network),
    encode: async (payload) => {
      const bytes = encodePayload(payload, network)
      const out = new Uint8Array(bytes.length + 1)
      out[0] = UNSIGNED
      out.set(bytes, 1)
      return out
    },
  }
  if (privateKey === undefined) {
    return codec
  }
  checkKey(privateKey.publicKey, 'PROTOCOL_CONFIG')
  const writer = peerIdFromPrivateKey(privateKey).toString()
  return { ...codec, sign: async (payload) => sign(encodePayload({ ...payload, writer }, network), privateKey) }
}

async function sign(payload: Uint8Array, privateKey: PrivateKey): Promise<Uint8Array> {
  const envelope = await RecordEnvelope.seal(
    {
      domain: UPDATE_DOMAIN,
      codec: PAYLOAD_TYPE,
      marshal: () => payload,
      equals: () => false,
    },
    privateKey,
  )
  return envelope.marshal()
}

const PAYLOAD_TYPE: Uint8Array = new TextEncoder().encode(UPDATE_PAYLOAD_TYPE)

/** Size, then form, then what it says, and only then the signature: the cheapest checks first. */
async function decode(bytes: Uint8Array, network: string): Promise<DecodedUpdate> {
  const max = PAYLOAD_LIMITS.size + ENVELOPE_OVERHEAD_BYTES
  if (bytes.length > max) {
    throw overLimit('PROTOCOL_TOO_LARGE', 'update', max, bytes.length)
  }
  if (bytes[0] === UNSIGNED) {
    return await decodePayload(bytes.subarray(1), network, false)
  }
  const envelope = readEnvelope(bytes)
  const publicKey = authorOf(envelope)
  const update = await decodePayload(envelope.payload, network, true)
  if (peerIdFromPublicKey(publicKey).toString() !== update.writer) {
    throw new ProtocolError('PROTOCOL_SIG', 'the update names a writer who is not the one that signed')
  }
  const { payloadType, payload, signature } = envelope
  let valid: boolean
  try {
    valid = await new RecordEnvelope({ publicKey, payloadType, payload, signature }).validate(UPDATE_DOMAIN)
  } catch (cause) {
    throw new ProtocolError('PROTOCOL_SIG', 'the signature cannot be verified', { cause })
  }
  if (!valid) {
    throw new ProtocolError('PROTOCOL_SIG', 'the signature is wrong')
  }
  return update
}

function authorOf({ publicKey, payloadType }: Envelope): PublicKey {
  if (!equals(payloadType, PAYLOAD_TYPE)) {
    throw new ProtocolError('PROTOCOL_SIG', 'what was signed is not an update')
  }
  let key: PublicKey
  try {
    key = publicKeyFromProtobuf(publicKey)
  } catch (cause) {
    throw new ProtocolError('PROTOCOL_SIG', 'the public key cannot be read', { cause })
  }
  checkKey(key, 'PROTOCOL_SIG')
  if (!equals(publicKeyToProtobuf(key), publicKey)) {
    throw new ProtocolError('PROTOCOL_SIG', 'the public key is not in its one form')
  }
  return key
}

function checkKey(key: PublicKey, code: 'PROTOCOL_SIG' | 'PROTOCOL_CONFIG'): void {
  const rsa = key.type === 'RSA' && modulusBytes(key.jwk.n) <= MAX_RSA_BYTES
  if (key.type !== 'Ed25519' && !rsa) {
    throw new ProtocolError(code, 'writers sign with Ed25519, or with RSA up to 4,096 bits')
  }
}

function modulusBytes(base64url: string | undefined): number {
  return base64url === undefined ? Infinity : Math.floor((base64url.length * 3) / 4)
}

function encodePayload(payload: UpdatePayload, network: string): Uint8Array {
  checkRecordKey(payload.key)
  return dagCbor.encode(
    Dict.from([
      ['network', network],
      ['key', payload.key],
      ['writer', payload.writer],
      ['seq', wholeOf(payload.seq, 'seq')],
      ['expires', wholeOf(payload.expires, 'expires')],
      ['retain', wholeOf(payload.retain, 'retain')],
      ['body', payload.body],
    ]),
  )
}

async function decodePayload(bytes: Uint8Array, network: string, signed: boolean): Promise<DecodedUpdate> {
  // strict: what decodes encodes to the same bytes, so that there is one payload for one meaning
  const fields = dagCbor.decode(bytes, PAYLOAD_LIMITS)
  if (!isKind(fields, 'dict') || fields.size !== FIELDS.length) {
    throw new ProtocolError('PROTOCOL_DOC', `an update has the fields ${FIELDS.join(', ')}`)
  }
  if (fields.get('network') !== network) {
    throw new ProtocolError('PROTOCOL_SIG', 'the update was made for another network')
  }
  const key = fieldOf(fields, 'key', 'bytes')
  checkRecordKey(key)
  const body = fields.get('body')
  if (body === undefined) {
    throw new ProtocolError('PROTOCOL_DOC', 'an update has a body', { path: ['body'] })
  }
  if (size(body) > LIMITS.size) {
    throw overLimit('PROTOCOL_TOO_LARGE', 'size', LIMITS.size, size(body))
  }
  return {
    key,
    writer: fieldOf(fields, 'writer', 'string'),
    seq: numberOf(fields, 'seq'),
    expires: numberOf(fields, 'expires'),
    retain: numberOf(fields, 'retain'),
    body,
    hash: toString((await sha256.digest(bytes)).digest, 'base16'),
    signed,
  }
}

function fieldOf<K extends Kind>(fields: Dict, name: string, kind: K): KindTypes[K] {
  const value = fields.get(name)
  if (!isKind(value, kind)) {
    throw new ProtocolError('PROTOCOL_DOC', `an update's ${name} is of kind ${kind}`, { path: [name] })
  }
  return value
}

function numberOf(fields: Dict, name: string): number {
  const value = fieldOf(fields, name, 'int')
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new ProtocolError('PROTOCOL_DOC', `an update's ${name} is from 0 to 2^53 - 1`, { path: [name] })
  }
  return Number(value)
}

function wholeOf(value: number, name: string): bigint {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new ProtocolError('PROTOCOL_DOC', `an update's ${name} is a whole number from 0 to 2^53 - 1`, {
      path: [name],
    })
  }
  return BigInt(value)
}

function checkRecordKey(key: Uint8Array): void {
  if (key.length < 1 || key.length > MAX_KEY_BYTES) {
    throw overLimit('PROTOCOL_KEY', 'key', MAX_KEY_BYTES, key.length)
  }
}
