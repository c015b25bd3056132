import { base32 } from 'multiformats/bases/base32'
import { base58btc } from 'multiformats/bases/base58'
import { Dict } from './dict.ts'
import { XrError } from './errors.ts'
import type { Node } from './node.ts'
import { Predicate } from './predicate.ts'

/**
 * The CID's bytes of a `link("…")` predicate whose one argument is a CID's canonical string
 * (base58btc for version 0, base32 for version 1); undefined for any other predicate. Such a predicate
 * is an IPLD link in the natural codecs.
 */
export function linkCid(node: Predicate): Uint8Array | undefined {
  if (node.tag !== 'link' || node.positional.length !== 1 || node.named.size !== 0) {
    return undefined
  }
  const text = node.positional[0] as Node
  return typeof text === 'string' ? parseCid(text) : undefined
}

/** The bytes of a CID in its canonical string form, or undefined when the text is not one. */
export function parseCid(text: string): Uint8Array | undefined {
  // Canonical CID strings begin with b (base32), or are version 0: 46 digits of base58. The length
  // is checked first, since decoding base58 takes time quadratic in it.
  if (!/^(?:b[a-z2-7]+|Qm[1-9A-HJ-NP-Za-km-z]{44})$/.test(text)) {
    return undefined
  }
  const bytes = decodeText(text)
  return bytes !== undefined && formOf(bytes) === 'cid' && encodeText(bytes) === text ? bytes : undefined
}

function encodeText(bytes: Uint8Array): string {
  return bytes[0] === V0_HASH ? base58btc.baseEncode(bytes) : base32.encode(bytes)
}

function decodeText(text: string): Uint8Array | undefined {
  try {
    return text.startsWith('b') ? base32.decode(text) : base58btc.baseDecode(text)
  } catch (err) {
    if ((err as Error).name === 'SyntaxError') {
      // the digits do not fill the last byte
      return undefined
    }
    throw err // such as a stack overflow, which says nothing about the text
  }
}

/**
 * The link predicate of a CID's bytes.
 *
 * @throws XrError `XR_VALUE` when they are not a CID, `XR_FORM` when its varints are not in shortest form
 */
export function linkOf(bytes: Uint8Array): Predicate {
  const form = formOf(bytes)
  if (form === 'none') {
    throw new XrError('XR_VALUE', 'invalid CID')
  }
  if (form === 'long') {
    throw new XrError('XR_FORM', 'the varints of a CID must be in their shortest form')
  }
  return new Predicate('link', [encodeText(bytes)], Dict.empty)
}

/** A CID of version 0 is a SHA-256 multihash: https://github.com/multiformats/cid#cidv0 */
const V0_BYTES = 34
const V0_HASH = 0x12
const V0_DIGEST = 32

/** A CID of version 1 begins with four varints: version, codec, hash function, digest length. */
const V1_NUMBERS = 4

/** The place value of the last byte of a varint up to 2^53; no code in any table is larger. */
const MOST_SCALE = 2 ** 49

/**
 * Whether bytes are a CID, a CID with a varint longer than necessary, or not a CID. (`CID.decode` of
 * multiformats accepts such varints, so that one CID would have many forms, and digests of any length
 * for version 0.)
 */
function formOf(bytes: Uint8Array): 'cid' | 'long' | 'none' {
  if (bytes[0] === V0_HASH) {
    return bytes.length === V0_BYTES && bytes[1] === V0_DIGEST ? 'cid' : 'none'
  }
  let at = 0
  let value = 0
  let long = false
  for (let i = 0; i < V1_NUMBERS; i++) {
    value = 0
    let scale = 1
    let byte: number | undefined
    do {
      byte = bytes[at++]
      if (byte === undefined || scale > MOST_SCALE) {
        return 'none'
      }
      value += (byte & 0x7f) * scale
      scale *= 0x80
    } while (byte >= 0x80)
    long ||= byte === 0 && scale > 0x80
    if (!Number.isSafeInteger(value) || (i === 0 && value !== 1)) {
      return 'none'
    }
  }
  return bytes.length - at !== value ? 'none' : long ? 'long' : 'cid'
}
