import { XrError } from './errors.ts'
import { float, type PlainFloat } from './from.ts'
import { kindOf } from './kind.ts'
import type { Dict, List, Node, Predicate } from './node.ts'

/** What `toPlain` gives. */
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
 * A node as ordinary JavaScript values: Dicts become objects (Maps when a key is no String), Lists
 * arrays, Ints numbers (bigints beyond 2^53), Bytes a copy. Predicates stay predicates, and an
 * integral Float comes as `float(x)`, since a plain number would come back as an Int: so
 * `from(toPlain(node))` equals `node`, always.
 *
 * @throws XrError `XR_KIND` when the argument is no node
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
  const object: { [name: string]: PlainValue } = {}
  for (const [name, value] of dict) {
    // a definition, since an assignment to `__proto__` would set the prototype instead
    Object.defineProperty(object, name as string, {
      value: toPlain(value),
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return object
}

function unreachable(kind: never): never {
  throw new XrError('XR_KIND', `unknown kind ${String(kind)}`)
}
