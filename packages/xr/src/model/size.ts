import { isKind, kindOf, unreachable } from './kind.ts'
import { linkCid } from './link.ts'
import type { Dict, List, Node, Predicate } from './node.ts'
import { utf8Length } from '../bytes/utf8.ts'

/** First Int above CBOR's integer types; below, they end at its negative. */
const UINT64_END = 1n << 64n

/**
 * How many bytes a node takes in natural dag-cbor: the unit of every limit and quota.
 *
 * @throws XrError `XR_KIND` when the argument is not a node
 * @example
 * ```ts
 * import { from, size } from '@sr/xr'
 *
 * console.log(size(from({ nick: 'bob' }))) // 10
 * ```
 */
export function size(node: Node): number {
  let total = ownSize(node)
  if (typeof node === 'object') {
    if (isKind(node, 'list')) {
      for (const member of node) {
        total += size(member)
      }
    } else if (isKind(node, 'dict')) {
      total += entriesSize(node)
    } else if (isKind(node, 'predicate')) {
      total += entriesSize(node.named)
      for (const argument of node.positional) {
        total += size(argument)
      }
    }
  }
  return total
}

function entriesSize(dict: Dict): number {
  let total = 0
  for (const [name, value] of dict) {
    total += size(name) + size(value)
  }
  return total
}

/**
 * How many bytes of {@link size} belong to the node itself: the sum over all nodes, Dict keys and arguments included,
 * is the size of the whole. An IPLD link is shorter than its parts, so this may be negative.
 *
 * @throws XrError `XR_KIND` when the argument is not a node
 * @example
 * ```ts
 * import { from, ownSize } from '@sr/xr'
 *
 * console.log(ownSize(from({ nick: 'bob' })), ownSize('nick'), ownSize('bob')) // 1 5 4
 * ```
 */
export function ownSize(node: Node): number {
  const kind = kindOf(node)
  switch (kind) {
    case 'bool':
      return 1
    case 'float':
      return 9
    case 'int':
      return intSize(node as bigint)
    case 'string':
      return stringSize(node as string)
    case 'bytes':
      return headSize((node as Uint8Array).length) + (node as Uint8Array).length
    case 'list':
      return headSize((node as List).size)
    case 'dict':
      return ownDictSize(node as Dict)
    case 'predicate':
      return ownPredicateSize(node as Predicate)
    default:
      return unreachable(kind)
  }
}

/**
 * How many bytes the head of a CBOR item takes that carries `value`, a length or a number up to 2^53 - 1.
 *
 * @example
 * ```ts
 * import { headSize } from '@sr/xr/codec-kit'
 *
 * console.log(headSize(23), headSize(24), headSize(65536)) // 1 2 5
 * ```
 */
export function headSize(value: number): number {
  return value < 24 ? 1 : value < 0x100 ? 2 : value < 0x10000 ? 3 : value < 0x100000000 ? 5 : 9
}

/** Bytes of an Int: a CBOR integer, or beyond 64 bits `[null, ±1, magnitude]`. */
export function intSize(value: bigint): number {
  if (isBeyond64Bits(value)) {
    const bytes = magnitudeBytes(value)
    return 3 + headSize(bytes) + bytes
  }
  return headSize(Number(value < 0n ? -1n - value : value))
}

/** Whether an Int lies outside CBOR's integers, −2^64…2^64−1. */
export function isBeyond64Bits(value: bigint): boolean {
  return value >= UINT64_END || value < -UINT64_END
}

/** Bytes of an Int's magnitude. */
export function magnitudeBytes(value: bigint): number {
  return ((value < 0n ? -value : value).toString(16).length + 1) >> 1
}

/** Bytes of a String. */
export function stringSize(text: string): number {
  const length = utf8Length(text)
  return headSize(length) + length
}

/** Whether a Dict must be written as pairs: a key is not a String, or is `/`, which dag-json reserves. */
export function needsPairs(dict: Dict): boolean {
  if (dict.has('/')) {
    return true
  }
  if (dict.plainKeys) {
    return false
  }
  for (const name of dict.keys()) {
    if (typeof name !== 'string') {
      return true
    }
  }
  return false
}

/** Bytes of a Dict without its keys and values: as a map, or as `[null, [[key, value], …]]`. */
function ownDictSize(dict: Dict): number {
  // as pairs: two bytes around them, and one head per pair
  return headSize(dict.size) + (needsPairs(dict) ? 2 + dict.size : 0)
}

/** Bytes of `[null, tag, [positional…], named]` without the arguments, or what a link takes more than its text. */
function ownPredicateSize(node: Predicate): number {
  const cid = linkCid(node)
  if (cid !== undefined) {
    const length = cid.length + 1
    return 2 + headSize(length) + length - stringSize(node.positional[0] as string)
  }
  return 2 + stringSize(node.tag) + headSize(node.positional.length) + ownDictSize(node.named)
}
