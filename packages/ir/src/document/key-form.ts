import { MAX_DEPTH, MAX_INT_BITS, type Limits, type Node } from '@sr/xr'
import { canonical, decode } from '@sr/xr/dag-cbor'

/** Whoever decoded the update has set the limits; what it let through is not measured again. */
const NO_LIMITS: Limits = {
  depth: MAX_DEPTH,
  nodes: Infinity,
  size: Infinity,
  string: Infinity,
  bytes: Infinity,
  int: MAX_INT_BITS,
}

/**
 * The one form in which a Dict key shows. Two spellings of a List are one key, and which of them
 * came last cannot be known any more once its update is forgotten; so what shows is what the
 * canonical bytes say, in which a List's members stand in the order of their own.
 */
export function keyForm(node: Node): Node {
  return typeof node === 'object' ? decode(canonical(node), NO_LIMITS) : node
}
