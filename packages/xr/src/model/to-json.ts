import { kindOf } from './kind.ts'
import type { Dict, Json, List, Node } from './node.ts'
import { print } from '../text/print.ts'

/**
 * A node for `JSON.stringify`, for eyes and logs: what JSON has no kind for stands in the text
 * syntax, as a string. It does not read back; the dag-json codec does.
 */
export function toJson(node: Node): Json {
  const kind = kindOf(node)
  switch (kind) {
    case 'bool':
    case 'string':
    case 'float':
      return node as boolean | string | number
    case 'int':
      return Number.isSafeInteger(Number(node)) ? Number(node) : String(node)
    case 'bytes':
    case 'predicate':
      return print(node)
    case 'list':
      return Array.from(node as List, toJson)
    case 'dict':
      return dictToJson(node as Dict)
    default:
      return unreachable(kind)
  }
}

function dictToJson(dict: Dict): Json {
  const entries = [...dict]
  // among keys of other kinds a String shows its quotes, so that no two keys look alike
  const plain = entries.every(([name]) => typeof name === 'string')
  const shown: { [name: string]: Json } = {}
  for (const [name, value] of entries) {
    // a definition, since an assignment to `__proto__` would set the prototype instead
    Object.defineProperty(shown, plain ? (name as string) : print(name), {
      value: toJson(value),
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return shown
}

function unreachable(kind: never): never {
  throw new TypeError(`unknown kind ${String(kind)}`)
}
