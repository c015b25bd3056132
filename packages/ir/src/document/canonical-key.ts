import { MAX_DEPTH, MAX_INT_BITS, type Limits, type Node } from '@sr/xr'
import { canonical, decode } from '@sr/xr/dag-cbor'

/** The body was checked against the limits of `@sr/xr` by `validateUpdate`; only depth and Int size still apply. */
const NO_LIMITS: Limits = {
  depth: MAX_DEPTH,
  nodes: Infinity,
  size: Infinity,
  string: Infinity,
  bytes: Infinity,
  int: MAX_INT_BITS,
}

/**
 * Returns the canonical form of a Dict key, the only one that shows. Lists that differ in the order of their members
 * are one key. Once an update is dropped, the order it used is unknown; so the key shows as its canonical bytes decode,
 * with List members in the order of their own canonical bytes.
 */
export function canonicalKey(node: Node): Node {
  return typeof node === 'object' ? decode(canonical(node), NO_LIMITS) : node
}
