import type { Node } from '@sr/xr'
import { latin1 } from '@sr/xr/codec-kit'
import { canonical } from '@sr/xr/dag-cbor'

/** Lengths below this are in the head of a CBOR text itself. */
const MAX_SHORT = 24
const TEXT = 0x60
const ASCII = /^[\0-\x7f]*$/

/**
 * The canonical dag-cbor of a Dict key or List member, one character per byte. Views are read in the order of these
 * strings: for keys the order in which the natural codec writes them; for members no update changes it.
 */
export function orderOf(node: Node): string {
  return typeof node === 'string' && node.length < MAX_SHORT && ASCII.test(node)
    ? String.fromCharCode(TEXT + node.length) + node
    : latin1(canonical(node))
}
