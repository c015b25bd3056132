import type { PublicKey } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { latin1 } from '@sr/xr/codec-kit'
import { toString } from 'uint8arrays/to-string'
import { decodePublicKey } from './keys.ts'
import { nodeCrypto } from './node-crypto.ts'

/** Authors that a codec remembers: the peer id of a key costs 10 µs to write as text. About 1 KiB each. */
const MAX_AUTHORS = 4096

/** Who signs with a key. */
export interface Author {
  /** Whether a signature of `data` is by this author. */
  verify(data: Uint8Array, signature: Uint8Array): boolean | Promise<boolean>
  /** peer id as multihash bytes, and as text (base58btc) */
  readonly bytes: Uint8Array
  readonly id: string
}

/** The authors of the envelopes read last, by public key. */
export class Authors {
  readonly #byKey = new Map<string, Author>()

  /**
   * The owner of a public key in its protobuf form.
   *
   * @throws UpdateError `UPDATE_SIGNATURE` for a key that is not accepted
   */
  of(key: Uint8Array): Author {
    const name = latin1(key)
    const known = this.#byKey.get(name)
    if (known !== undefined) {
      return known
    }
    const publicKey = decodePublicKey(key)
    const peerId = peerIdFromPublicKey(publicKey)
    const author = { verify: verifier(publicKey), bytes: peerId.toMultihash().bytes, id: peerId.toString() }
    if (this.#byKey.size >= MAX_AUTHORS) {
      const [oldest] = this.#byKey.keys()
      this.#byKey.delete(oldest as string)
    }
    this.#byKey.set(name, author)
    return author
  }
}

/** What verifies signatures by a key; an Ed25519 key is read once for all of them, where Node reads it. */
function verifier(key: PublicKey): Author['verify'] {
  if (nodeCrypto === undefined || key.type !== 'Ed25519') {
    return async (data, signature) => await key.verify(data, signature)
  }
  const { createPublicKey, verify } = nodeCrypto
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: toString(key.raw, 'base64url') }
  let read: ReturnType<typeof createPublicKey> | undefined
  return (data, signature) => verify(null, data, (read ??= createPublicKey({ key: jwk, format: 'jwk' })), signature)
}
