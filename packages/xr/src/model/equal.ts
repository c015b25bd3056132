import { compareBytes } from '../bytes/compare.ts'
import { kindOf } from './kind.ts'
import type { Dict, List, Node, Predicate } from './node.ts'

/**
 * Whether two nodes are the same value. The order of Lists and Dicts is ignored; Int 1 is not equal to Float 1.0.
 *
 * @throws XrError `XR_KIND` when an argument is not a node
 * @example
 * ```ts
 * import { equal, from } from '@sr/xr'
 *
 * console.log(equal(from({ a: 1, b: 2 }), from({ b: 2, a: 1 }))) // true
 * ```
 */
export function equal(a: Node, b: Node): boolean {
  if (a === b) {
    return true
  }
  if (typeof a !== 'object' || typeof b !== 'object') {
    return false
  }
  const kind = kindOf(a)
  if (kind !== kindOf(b)) {
    return false
  }
  switch (kind) {
    case 'bytes':
      return equalBytes(a as Uint8Array, b as Uint8Array)
    case 'list':
      return equalLists(a as List, b as List)
    case 'dict':
      return equalDicts(a as Dict, b as Dict)
    case 'predicate':
      return equalPredicates(a as Predicate, b as Predicate)
    default:
      return false
  }
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compareBytes(a, b) === 0
}

function equalLists(a: List, b: List): boolean {
  if (a.size !== b.size || a.depth !== b.depth) {
    return false
  }
  const theirs = b.byKey()
  for (const member of a.byKey().keys()) {
    if (!theirs.has(member)) {
      return false
    }
  }
  return true
}

function equalDicts(a: Dict, b: Dict): boolean {
  if (a.size !== b.size || a.depth !== b.depth) {
    return false
  }
  const theirs = b.byKey()
  for (const [name, value] of a.byKey()) {
    const other = theirs.get(name)
    if (other === undefined || !equal(value, other)) {
      return false
    }
  }
  return true
}

function equalPredicates(a: Predicate, b: Predicate): boolean {
  return (
    a.tag === b.tag &&
    a.positional.length === b.positional.length &&
    a.positional.every((argument, i) => equal(argument, b.positional[i] as Node)) &&
    equalDicts(a.named, b.named)
  )
}
