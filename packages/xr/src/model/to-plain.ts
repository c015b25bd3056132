import { float, type PlainFloat } from './from.ts'
import { kindOf, unreachable } from './kind.ts'
import type { Dict, List, Node, Predicate } from './node.ts'

/** What `toPlain` returns. */
export type PlainValue =
  | boolean
  | string
  | bigint
  | number
  | Uint8Array
  | PlainFloat
  | Predicate
  | PlainValue[]
  | Map<PlainValue, PlainValue>
  | { [name: string]: PlainValue }

/**
 * A node as ordinary JavaScript values: a Dict becomes an object (a Map when a key is not a String), a
 * List an array, an Int a number (a bigint above 2^53), Bytes a copy. A Predicate stays a Predicate, and
 * an integral Float becomes `float(x)`, since `from` reads a plain integer as an Int. So
 * `from(toPlain(node))` always equals `node`.
 *
 * @throws XrError `XR_KIND` when the argument is not a node
 * @example
 * ```ts
 * import { from, toPlain } from '@sr/xr'
 *
 * console.log(toPlain(from({ nick: 'bob', port: 80n }))) // { nick: 'bob', port: 80 }
 * ```
 */
export function toPlain(node: Node): PlainValue {
  const kind = kindOf(node)
  switch (kind) {
    case 'bool':
    case 'string':
    case 'predicate':
      return node as boolean | string | Predicate
    case 'bytes':
      return new Uint8Array(node as Uint8Array)
    case 'int':
      return Number.isSafeInteger(Number(node)) ? Number(node) : (node as bigint)
    case 'float':
      return Number.isInteger(node) ? float(node as number) : (node as number)
    case 'list':
      return Array.from(node as List, toPlain)
    case 'dict':
      return dictToPlain(node as Dict)
    default:
      return unreachable(kind)
  }
}

function dictToPlain(dict: Dict): PlainValue {
  const names = [...dict.keys()]
  if (!names.every((name) => typeof name === 'string')) {
    return new Map(Array.from(dict, ([name, value]) => [toPlain(name), toPlain(value)]))
  }
  // Object.fromEntries defines `__proto__` as a property, where an assignment would set the prototype
  return Object.fromEntries(Array.from(dict, ([name, value]) => [name as string, toPlain(value)]))
}
