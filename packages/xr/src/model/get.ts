import { kindOf } from './kind.ts'
import type { Dict, List, Node, Predicate } from './node.ts'

/**
 * The node at a path, or undefined when the path leads nowhere: into a Dict by key, into a List by position, into a
 * Predicate by position or by the name of an argument. A position is a bigint or an integer number.
 *
 * @example
 * ```ts
 * import { from, get } from '@sr/xr'
 *
 * const node = from({ a: { b: ['x', 'y'] } })
 * console.log(get(node, 'a', 'b', 0n)) // x
 * console.log(get(node, 'a', 'nothing')) // undefined
 * ```
 */
export function get(node: Node, ...path: readonly Node[]): Node | undefined {
  let here: Node | undefined = node
  for (const step of path) {
    if (here === undefined) {
      return undefined
    }
    here = stepInto(here, step)
  }
  return here
}

function stepInto(node: Node, step: Node): Node | undefined {
  const kind = kindOf(node)
  switch (kind) {
    case 'dict':
      return (node as Dict).get(step)
    case 'list':
      return isPosition(step) ? (node as List).at(Number(step)) : undefined
    case 'predicate': {
      const { positional, named } = node as Predicate
      const argument = isPosition(step) ? positional[Number(step)] : undefined
      return argument ?? named.get(step)
    }
    default:
      return undefined
  }
}

function isPosition(step: Node): step is bigint | number {
  return typeof step === 'bigint' || (typeof step === 'number' && Number.isInteger(step))
}
