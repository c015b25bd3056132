import { base58btc } from 'multiformats/bases/base58'

/** Ids remembered: decoding base58 takes as long as a small request. */
const MAX_IDS = 4096

/** Lengths of peer ids in bytes: a multihash of SHA-256 or of a public key. */
const [MIN_BYTES, MAX_BYTES] = [34, 64]

const BYTES = new Map<string, Uint8Array | undefined>()

/** A peer id in bytes; undefined for a writer that is no peer id, which messages cannot name. */
export function peerBytes(writer: string): Uint8Array | undefined {
  const known = BYTES.get(writer)
  if (known !== undefined || BYTES.has(writer)) {
    return known
  }
  const bytes = decode(writer)
  if (BYTES.size >= MAX_IDS) {
    const [oldest] = BYTES.keys()
    BYTES.delete(oldest as string)
  }
  BYTES.set(writer, bytes)
  return bytes
}

function decode(writer: string): Uint8Array | undefined {
  try {
    const bytes = base58btc.decode(`z${writer}`)
    return bytes.length >= MIN_BYTES && bytes.length <= MAX_BYTES ? bytes : undefined
  } catch {
    return undefined
  }
}

/** The text of a peer id, in base58btc. */
export function peerText(bytes: Uint8Array): string {
  return base58btc.encode(bytes).slice(1)
}
