import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { Dict } from './dict.ts'
import { XrError } from './errors.ts'
import type { Node } from './node.ts'
import { Predicate } from './predicate.ts'

/**
 * The CID of a `link("…")` predicate whose one argument is a CID's canonical string (base58btc for
 * version 0, base32 for version 1); undefined for everything else. Such a predicate is an IPLD link
 * in the natural codecs.
 */
export function linkCid (node: Predicate): CID | undefined {
  if (node.tag !== 'link' || node.positional.length !== 1 || node.named.size !== 0) {
    return undefined
  }
  const text = node.positional[0] as Node
  return typeof text === 'string' ? parseCid(text) : undefined
}

/** The CID of its canonical string, or undefined when the text is no such string. */
export function parseCid (text: string): CID | undefined {
  // canonical CID strings begin with b (base32) or Qm (version 0); the rest need no parsing to be refused
  if (!/^(?:b[a-z2-7]+|Qm[1-9A-HJ-NP-Za-km-z]+)$/.test(text)) {
    return undefined
  }
  try {
    const cid = CID.parse(text)
    return cid.toString() === text && isMinimal(cid) ? cid : undefined
  } catch {
    return undefined
  }
}

/** The link predicate of a CID. */
export function linkOf (cid: CID): Predicate {
  return new Predicate('link', [cid.toString()], Dict.empty)
}

/**
 * Decodes the bytes of a CID.
 *
 * @throws XrError `XR_VALUE` when they are none, `XR_FORM` when its numbers are not in shortest form
 */
export function decodeCid (bytes: Uint8Array): CID {
  let cid: CID
  try {
    cid = CID.decode(bytes)
  } catch (cause) {
    throw new XrError('XR_VALUE', 'a link must hold a valid CID', { cause })
  }
  if (!isMinimal(cid)) {
    throw new XrError('XR_FORM', 'the numbers in a CID must be in their shortest form')
  }
  return cid
}

// multiformats reads over-long varints inside a CID and keeps them, so one CID would have many forms
function isMinimal (cid: CID): boolean {
  const digest = Digest.create(cid.multihash.code, cid.multihash.digest)
  const again = CID.create(cid.version, cid.code, digest)
  return again.bytes.length === cid.bytes.length && again.bytes.every((byte, i) => byte === cid.bytes[i])
}
