import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'

/** https://github.com/multiformats/multicodec/blob/master/table.csv */
const LIBP2P_KEY = 0x72
const IDENTITY = 0x00
const SHA2_256 = 0x12
const SHA2_256_BYTES = 32

/** Longest text that is parsed as a peer id: an identity multihash of 42 bytes is shorter in any base. */
const MAX_TEXT = 128

/** Longest key that a peer id holds itself instead of its hash. https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md */
const MAX_INLINE_BYTES = 42

/** Texts kept with their results: a server writes the ids of the same writers again and again, and base58 is slow. */
const MAX_KNOWN = 4096

const known = new Map<string, string | undefined>()

/** The canonical text of a peer id, in base58, or undefined when the text is not a peer id. */
export function canonicalPeerId(text: string): string | undefined {
  if (text.length > MAX_TEXT) {
    return undefined
  }
  if (!known.has(text)) {
    if (known.size >= MAX_KNOWN) {
      known.clear()
    }
    known.set(text, parse(text))
  }
  return known.get(text)
}

function parse(text: string): string | undefined {
  try {
    const digest =
      text.startsWith('Qm') || text.startsWith('1') ? Digest.decode(base58btc.baseDecode(text)) : cidDigest(text)
    const lawful =
      digest !== undefined &&
      ((digest.code === SHA2_256 && digest.size === SHA2_256_BYTES) ||
        (digest.code === IDENTITY && digest.size <= MAX_INLINE_BYTES))
    return lawful ? base58btc.baseEncode(digest.bytes) : undefined
  } catch {
    return undefined
  }
}

function cidDigest(text: string): { code: number; size: number; bytes: Uint8Array } | undefined {
  const cid = CID.parse(text)
  return cid.code === LIBP2P_KEY ? cid.multihash : undefined
}
