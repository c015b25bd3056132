import { isKind } from './kind.ts'
import type { Dict, Node } from './node.ts'
import { ownSize } from './size.ts'

/**
 * The size of a node in natural dag-cbor, or undefined when it is above `max`; visits no more than `max` nodes and one.
 * Recursion is bounded by the depth of the node.
 *
 * @example
 * ```ts
 * import { fits, from } from '@sr/xr'
 *
 * console.log(fits(from({ nick: 'bob' }), 100), fits(from({ nick: 'bob' }), 9)) // 10 undefined
 * ```
 */
export function fits(node: Node, max: number): number | undefined {
  const left = leftOf(node, max)
  return left < 0 ? undefined : max - left
}

/** What is left of some bytes after a node; negative when it is larger. */
function leftOf(node: Node, bytes: number): number {
  let left = bytes - ownSize(node)
  if (typeof node !== 'object' || left < 0) {
    return left
  }
  if (isKind(node, 'dict')) {
    return leftOfEntries(node, left)
  }
  if (isKind(node, 'list') || isKind(node, 'predicate')) {
    for (const child of isKind(node, 'list') ? node : node.positional) {
      left = leftOf(child, left)
      if (left < 0) {
        return left
      }
    }
  }
  return isKind(node, 'predicate') ? leftOfEntries(node.named, left) : left
}

function leftOfEntries(dict: Dict, bytes: number): number {
  let left = bytes
  for (const [name, value] of dict) {
    left = leftOf(name, left)
    left = left < 0 ? left : leftOf(value, left)
    if (left < 0) {
      return left
    }
  }
  return left
}
