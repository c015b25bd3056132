import { kindOf, unreachable } from './kind.ts'
import type { Dict, Json, List, Node } from './node.ts'
import { print } from '../text/print.ts'

/**
 * A node for `JSON.stringify`, for people and logs: kinds that JSON lacks are strings in the text
 * syntax. It cannot be read back; the dag-json codec is for that.
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
  // beside keys of other kinds a String keeps its quotes, so that two different keys never print the same
  const plain = entries.every(([name]) => typeof name === 'string')
  // Object.fromEntries defines `__proto__` as a property, where an assignment would set the prototype
  return Object.fromEntries(entries.map(([name, value]) => [plain ? (name as string) : print(name), toJson(value)]))
}
