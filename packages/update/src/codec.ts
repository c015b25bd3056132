import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { validateDraft, validateUpdate, type ValidatedUpdate } from '@sr/ir/validate'
import { checkConfig, func, optional, port, text } from '@sr/runtime'
import * as dagCbor from '@sr/xr/dag-cbor'
import { publicKeyToProtobuf } from '@libp2p/crypto/keys'
import { equals } from 'uint8arrays/equals'
import { type Author, Authors } from './authors.ts'
import { decodeEnvelope, encodeEnvelope, PAYLOAD_TYPE, signedBytes } from './envelope.ts'
import { overLimit, UpdateError } from './errors.ts'
import { hashOf } from './hash.ts'
import { assertKeyType, signerOf } from './keys.ts'
import { MAX_UPDATE_BYTES } from './limits.ts'
import {
  assertNetwork,
  decodePayload,
  encodePayload,
  isWriter,
  type PayloadHead,
  type UpdateFields,
  writerFromBytes,
} from './payload.ts'

/** What the bytes of an update say before its body is decoded and its signature verified. */
export interface UpdateHead extends Omit<UpdateFields, 'body'> {
  /** SHA-256 of the payload, 64 lower-case hex digits: the identity of the update, whatever envelope holds it */
  readonly hash: string
  /** whether the bytes hold a signature; `verify` tells whether it is right */
  readonly signed: boolean
}

/** Bytes whose envelope and head are well-formed. */
export interface ParsedUpdate extends UpdateHead {
  /** verbatim, as they are stored and passed on */
  readonly bytes: Uint8Array
}

/** An update that passed every check of form, and whose signature was verified where there is one. */
export interface DecodedUpdate extends UpdateHead {
  /** what a document applies */
  readonly content: ValidatedUpdate
}

/** An update and the bytes that are stored and passed on. */
export interface EncodedUpdate {
  readonly update: DecodedUpdate
  readonly bytes: Uint8Array
}

/** What {@link createUpdateCodec} needs. */
export interface UpdateCodecInit {
  /** name of the network, 1 to 128 bytes; updates of another network are refused */
  readonly network: string
  /** signs as its owner; without it the codec has no `sign` */
  readonly privateKey?: PrivateKey
}

/** Turns updates into bytes and back. */
export interface UpdateCodec {
  /**
   * Reads the envelope and the head, without a look at the body or the signature: length, form, payload type, public
   * key, the fields, and that the writer is the one whose key the envelope holds.
   *
   * @throws UpdateError; every code but `UPDATE_CONFIG`
   */
  parse(bytes: Uint8Array): Promise<ParsedUpdate>
  /**
   * Decodes and validates the body, then verifies the signature. Accepts only what `parse` of this codec returned.
   *
   * @throws XrError or IrError for the body, UpdateError `UPDATE_SIGNATURE`; the reason of the signal
   */
  verify(parsed: ParsedUpdate, options?: { signal?: AbortSignal }): Promise<EncodedUpdate>
  /** `parse`, then `verify`. */
  decode(bytes: Uint8Array, options?: { signal?: AbortSignal }): Promise<EncodedUpdate>
  /**
   * An update without a signature, for a store: it starts with a byte that no envelope starts with.
   *
   * @param options `owned`: no caller writes to Bytes in the body, so that they are not copied; default false
   * @throws UpdateError `UPDATE_KEY`, `UPDATE_WRITER`, `UPDATE_SIZE`, `UPDATE_FORM` (extra); XrError or IrError for an
   *   invalid update
   */
  encode(fields: UpdateFields, options?: { readonly owned?: boolean }): Promise<EncodedUpdate>
  /** Whether a text is a peer id in the spelling that updates carry, base58btc: that of no other spelling is accepted. */
  isWriter(writer: string): boolean
  /** peer id of the owner of the private key, the writer of what `sign` returns */
  readonly signer?: string
  /** An update signed by the owner of the private key. Throws as `encode`. */
  sign?(fields: Omit<UpdateFields, 'writer'>): Promise<EncodedUpdate>
}

/** First byte of an unsigned update, version 1. As a protobuf tag it would be field 0, so no envelope begins with it. */
const UNSIGNED = 0x01

/** What `parse` found and `verify` needs: the parts of the envelope. */
interface Parts {
  readonly head: PayloadHead
  readonly payload: Uint8Array
  /** undefined for an unsigned update */
  readonly seal: { readonly author: Author; readonly signature: Uint8Array } | undefined
}

/**
 * The codec of signed updates: libp2p signed envelopes around canonical dag-cbor. The author of an update is the owner
 * of the key that signed it; the connection that an update arrives on proves nothing about it.
 *
 * @throws ConfigError for an unknown name or a wrong type; UpdateError `UPDATE_CONFIG` for a network name or private key that
 *   is not accepted
 * @example
 * ```ts
 * import { generateKeyPair } from '@libp2p/crypto/keys'
 * import { from, print } from '@sr/xr'
 * import { createUpdateCodec } from '@sr/update'
 *
 * const codec = createUpdateCodec({ network: 'main', privateKey: await generateKeyPair('Ed25519') })
 * const fields = { key: Uint8Array.of(1), seq: 1, expires: 2000, retain: 2000, body: from({ nick: 'bob' }) }
 * const { bytes } = await codec.sign!(fields)
 *
 * const { update } = await codec.decode(bytes) // by anyone who knows the name of the network
 * console.log(print(update.content.body), update.signed) // {nick="bob"} true
 * ```
 */
export function createUpdateCodec(init: UpdateCodecInit): UpdateCodec {
  checkConfig<UpdateCodecInit>('createUpdateCodec', init, {
    network: text({ min: 0 }),
    privateKey: optional(port({ type: text(), publicKey: port({ type: text() }), sign: func })),
  })
  const { network, privateKey } = init
  assertNetwork(network)
  const parts = new WeakMap<ParsedUpdate, Parts>()
  const authors = new Authors()
  const parse = async (given: Uint8Array): Promise<ParsedUpdate> => {
    // a copy: the caller may write to its array as soon as the call has returned its promise
    const bytes = given.length > MAX_UPDATE_BYTES ? given : new Uint8Array(given)
    const found = split(bytes, network, authors)
    const { network: _, writerBytes, body: __, ...fields } = found.head
    const writer = found.seal === undefined ? writerFromBytes(writerBytes) : writerOf(found.seal.author, writerBytes)
    const parsed = { ...fields, writer, hash: await hashOf(found.payload), signed: found.seal !== undefined, bytes }
    parts.set(parsed, found)
    return parsed
  }
  const verify = async (parsed: ParsedUpdate, { signal }: { signal?: AbortSignal } = {}): Promise<EncodedUpdate> => {
    const found = parts.get(parsed)
    if (found === undefined) {
      throw new TypeError('verify accepts what parse of the same codec returned')
    }
    const { bytes, ...head } = parsed
    const content = validateUpdate({ ...head, body: dagCbor.decode(found.head.body) }, { owned: true })
    signal?.throwIfAborted()
    if (found.seal !== undefined) {
      await assertSignature(found.payload, found.seal)
    }
    return { update: { ...head, content }, bytes }
  }
  const codec: UpdateCodec = {
    parse,
    verify,
    decode: async (bytes, options) => await verify(await parse(bytes), options),
    encode: async (fields, { owned = false } = {}) => await encode(network, fields, undefined, owned),
    isWriter,
  }
  if (privateKey === undefined) {
    return codec
  }
  assertKeyType(privateKey.publicKey, 'UPDATE_CONFIG')
  const writer = peerIdFromPrivateKey(privateKey).toString()
  const seal = sealer(privateKey)
  return {
    ...codec,
    signer: writer,
    sign: async (fields) => await encode(network, { ...fields, writer }, seal, false),
  }
}

/** Validates once, encodes once, hashes once. */
async function encode(
  network: string,
  given: UpdateFields,
  seal: Seal | undefined,
  owned: boolean,
): Promise<EncodedUpdate> {
  const draft = validateDraft(given, { owned })
  const fields = { ...given, key: new Uint8Array(given.key), body: draft.body }
  const payload = encodePayload(network, fields)
  const bytes = seal === undefined ? unsignedBytes(payload) : await seal(payload)
  if (bytes.length > MAX_UPDATE_BYTES) {
    throw overLimit('UPDATE_SIZE', 'update', MAX_UPDATE_BYTES, bytes.length)
  }
  const { body: _, ...head } = fields
  const hash = await hashOf(payload)
  return { update: { ...head, hash, signed: seal !== undefined, content: draft.withHash(hash) }, bytes }
}

/** Takes an update apart, cheapest checks first. */
function split(bytes: Uint8Array, network: string, authors: Authors): Parts {
  if (bytes.length > MAX_UPDATE_BYTES) {
    throw overLimit('UPDATE_SIZE', 'update', MAX_UPDATE_BYTES, bytes.length)
  }
  if (bytes[0] === UNSIGNED) {
    const payload = bytes.subarray(1)
    return { head: decodePayload(payload, network), payload, seal: undefined }
  }
  const { publicKey, payloadType, payload, signature } = decodeEnvelope(bytes)
  if (!equals(payloadType, PAYLOAD_TYPE)) {
    throw new UpdateError('UPDATE_SIGNATURE', 'the payload is not of the type of an update')
  }
  const author = authors.of(publicKey)
  return { head: decodePayload(payload, network), payload, seal: { author, signature } }
}

/** The peer id of an author, which must be the writer of the payload. */
function writerOf({ id, bytes }: Author, writer: Uint8Array): string {
  if (!equals(bytes, writer)) {
    throw new UpdateError('UPDATE_WRITER', 'the writer is not the owner of the key that signed', { path: ['writer'] })
  }
  return id
}

async function assertSignature(payload: Uint8Array, { author, signature }: NonNullable<Parts['seal']>): Promise<void> {
  let valid: boolean
  try {
    valid = await author.verify(signedBytes(payload), signature)
  } catch (cause) {
    throw new UpdateError('UPDATE_SIGNATURE', 'the signature cannot be verified', { cause })
  }
  if (!valid) {
    throw new UpdateError('UPDATE_SIGNATURE', 'the signature is wrong')
  }
}

/** Makes the envelope of a payload. */
type Seal = (payload: Uint8Array) => Promise<Uint8Array>

function sealer(privateKey: PrivateKey): Seal {
  const publicKey = publicKeyToProtobuf(privateKey.publicKey)
  const sign = signerOf(privateKey)
  return async (payload) =>
    encodeEnvelope({ publicKey, payloadType: PAYLOAD_TYPE, payload, signature: await sign(signedBytes(payload)) })
}

function unsignedBytes(payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(payload.length + 1)
  bytes[0] = UNSIGNED
  bytes.set(payload, 1)
  return bytes
}
