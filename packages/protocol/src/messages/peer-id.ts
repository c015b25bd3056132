import { latin1 } from '@sr/xr/codec-kit'
import { base58btc } from 'multiformats/bases/base58'
import { decode as decodeDigest } from 'multiformats/hashes/digest'
import { ProtocolError } from '../errors.ts'

const IDENTITY = 0x00
const SHA2_256 = 0x12
const SHA2_256_BYTES = 32

/** Longest key that a peer id holds itself instead of its hash. https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md */
const MAX_INLINE_BYTES = 42

/** Longest text that is decoded: that of the largest peer id has 61 characters. */
const MAX_TEXT = 128

/** Peer ids kept with their other form: base58 takes 10 µs, longer than the rest of a small message. */
const MAX_KNOWN = 4096

const TEXTS = new Map<string, string>()
const BYTES = new Map<string, Uint8Array>()

/** The text of a peer id, base58btc, of its multihash bytes. @throws ProtocolError `PROTOCOL_PEER` */
export function peerIdText(bytes: Uint8Array): string {
  const id = latin1(bytes)
  const known = TEXTS.get(id)
  if (known !== undefined) {
    return known
  }
  assertDigest(bytes)
  return keep(TEXTS, id, base58btc.baseEncode(bytes))
}

/** The multihash bytes of a peer id's text, in the spelling that {@link peerIdText} gives. @throws ProtocolError `PROTOCOL_PEER` */
export function peerIdBytes(text: string): Uint8Array {
  const known = BYTES.get(text)
  if (known !== undefined) {
    return known
  }
  let bytes: Uint8Array
  try {
    bytes = base58btc.baseDecode(text.slice(0, MAX_TEXT))
  } catch (cause) {
    throw invalid(text, cause)
  }
  assertDigest(bytes)
  if (base58btc.baseEncode(bytes) !== text) {
    throw invalid(text)
  }
  return keep(BYTES, text, bytes)
}

function assertDigest(bytes: Uint8Array): void {
  let digest: ReturnType<typeof decodeDigest>
  try {
    digest = decodeDigest(bytes)
  } catch (cause) {
    throw invalid(`${bytes.length} bytes`, cause)
  }
  const { code, size } = digest
  if (!(code === SHA2_256 && size === SHA2_256_BYTES) && !(code === IDENTITY && size <= MAX_INLINE_BYTES)) {
    throw invalid(`a multihash of code ${code} with ${size} bytes`)
  }
}

function invalid(found: string, cause?: unknown): ProtocolError {
  const message = `expected a peer id in base58btc, got ${String(found).slice(0, MAX_TEXT)}`
  return new ProtocolError('PROTOCOL_PEER', message, cause === undefined ? {} : { cause })
}

function keep<V>(known: Map<string, V>, id: string, value: V): V {
  if (known.size >= MAX_KNOWN) {
    known.clear()
  }
  known.set(id, value)
  return value
}
