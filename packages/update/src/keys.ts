import { publicKeyFromProtobuf, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey, PublicKey } from '@libp2p/interface'
import { equals } from 'uint8arrays/equals'
import { toString } from 'uint8arrays/to-string'
import { UpdateError, type UpdateErrorCode } from './errors.ts'
import { MAX_RSA_BITS, MIN_RSA_BITS } from './limits.ts'
import { nodeCrypto } from './node-crypto.ts'

/**
 * The public key of an envelope: Ed25519, secp256k1, or RSA of 2,048 to 4,096 bits, in its one protobuf form.
 *
 * @throws UpdateError `UPDATE_SIGNATURE`
 */
export function decodePublicKey(bytes: Uint8Array): PublicKey {
  let key: PublicKey
  try {
    key = publicKeyFromProtobuf(bytes)
  } catch (cause) {
    throw new UpdateError('UPDATE_SIGNATURE', 'the public key cannot be read', { cause })
  }
  assertKeyType(key, 'UPDATE_SIGNATURE')
  if (!equals(publicKeyToProtobuf(key), bytes)) {
    throw new UpdateError('UPDATE_SIGNATURE', 'the public key is not in its canonical form')
  }
  return key
}

/** @throws UpdateError with the given code for a key of another type or size */
export function assertKeyType(key: PublicKey, code: UpdateErrorCode): void {
  if (key.type === 'Ed25519' || key.type === 'secp256k1') {
    return
  }
  if (key.type !== 'RSA') {
    throw new UpdateError(code, `writers sign with Ed25519, secp256k1 or RSA, not ${String((key as PublicKey).type)}`)
  }
  const bits = modulusBits(key.jwk.n ?? '')
  if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
    throw new UpdateError(code, `an RSA key has ${MIN_RSA_BITS} to ${MAX_RSA_BITS} bits, not ${bits}`, {
      limit: 'rsaBits',
      max: bits < MIN_RSA_BITS ? MIN_RSA_BITS : MAX_RSA_BITS,
      got: bits,
    })
  }
}

/** Bits of a base64url number. */
function modulusBits(base64url: string): number {
  const hex = Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (char) =>
    char.charCodeAt(0).toString(16).padStart(2, '0'),
  ).join('')
  return hex === '' ? 0 : BigInt(`0x${hex}`).toString(2).length
}

/** Bytes of the secret and of the public half of an Ed25519 key. */
const HALF_BYTES = 32

/** What signs with a key; an Ed25519 key is read once for all signatures, where Node reads it. */
export function signerOf(key: PrivateKey): (data: Uint8Array) => Uint8Array | Promise<Uint8Array> {
  // an object that reaches its key elsewhere has no bytes of it
  if (nodeCrypto === undefined || key.type !== 'Ed25519' || !(key.raw instanceof Uint8Array)) {
    return async (data) => await key.sign(data)
  }
  const { createPrivateKey, sign } = nodeCrypto
  const half = (at: number): string => toString(key.raw.subarray(at, at + HALF_BYTES), 'base64url')
  const jwk = { kty: 'OKP', crv: 'Ed25519', d: half(0), x: half(HALF_BYTES) }
  const read = createPrivateKey({ key: jwk, format: 'jwk' })
  return (data) => sign(null, data, read)
}
