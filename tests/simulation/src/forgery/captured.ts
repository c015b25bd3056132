import { generateKeyPair, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { Random } from '@sr/tests-kit/random'
import { createUpdateCodec, UPDATE_PAYLOAD_TYPE, type UpdateCodec } from '@sr/update'
import { from } from '@sr/xr'
import { parse } from '@sr/xr/text'

export const NETWORK = 'main'
export const PAYLOAD_TYPE: Uint8Array = new TextEncoder().encode(UPDATE_PAYLOAD_TYPE)
export const DAY_MS = 86_400_000

export type PrivateKey = Parameters<typeof peerIdFromPrivateKey>[0]

/** One who signs. */
export interface Author {
  readonly privateKey: PrivateKey
  readonly publicKey: Uint8Array
  readonly id: string
  readonly sign: NonNullable<UpdateCodec['sign']>
}

/** A valid update, as a peer that relays it has it. */
export interface Captured {
  readonly bytes: Uint8Array
  readonly author: Author
  readonly key: Uint8Array
  readonly retain: number
}

export async function newAuthor(type: 'Ed25519' | 'secp256k1' | 'RSA'): Promise<Author> {
  const privateKey = type === 'RSA' ? await generateKeyPair(type, 2048) : await generateKeyPair(type)
  const { sign } = createUpdateCodec({ network: NETWORK, privateKey })
  return {
    privateKey,
    publicKey: publicKeyToProtobuf(privateKey.publicKey),
    id: peerIdFromPrivateKey(privateKey).toString(),
    sign: sign as Author['sign'],
  }
}

/** Bodies; N is a small number. */
export const BODIES: readonly string[] = [
  '{nick="N"}',
  '{a={b=N}}',
  '{a=[N "x"]}',
  '{a=$remove()}',
  '{b=$ttl(N, 5)}',
  '$set({c=N})',
  '{a={c=N d="yes"}}',
]

/** Keys of the records that are written. */
export const KEYS: readonly Uint8Array[] = Array.from({ length: 17 }, (_, n) => new TextEncoder().encode(`key${n}`))

/** Updates of some authors under some keys at `now`: one in five ends within a minute, the others live for a day. */
export async function capture(
  random: Random,
  authors: readonly Author[],
  count: number,
  now: number,
): Promise<Captured[]> {
  const captured: Captured[] = []
  for (let n = 0; n < count; n++) {
    const author = authors[n % authors.length] as Author
    const key = KEYS[n % KEYS.length] as Uint8Array
    // seqs rise, so that no update contradicts another one of its author
    const seq = now * 1000 + n
    const retain = now + (n % 5 === 0 ? random.integer(10_000, 60_000) : DAY_MS)
    const body = from(parse(random.pick(BODIES).replaceAll('N', String(random.below(9)))))
    const { bytes } = await author.sign({ key, seq, expires: retain, retain, body })
    captured.push({ bytes, author, key, retain })
  }
  return captured
}
