import type { Dict } from './dict.ts'
import { kindOf } from './kind.ts'
import type { List } from './list.ts'
import type { Node } from './node.ts'
import { isBareWord } from './text/word.ts'
import { print } from './text/print.ts'

/** What `JSON.stringify` shows of a node. */
export type Json = boolean | string | number | Json[] | { [name: string]: Json }

/**
 * A node for `JSON.stringify`, for eyes and logs: what JSON has no kind for stands in the text
 * syntax, as a string. It does not read back; the dag-json codec does.
 */
export function toJson (node: Node): Json {
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
      return Object.fromEntries(Array.from(node as Dict, ([name, value]) => [nameOf(name), toJson(value)]))
    default:
      return unreachable(kind)
  }
}

function nameOf (key: Node): string {
  return typeof key === 'string' && (isBareWord(key) || !/^["0-9[{(-]/.test(key)) ? key : print(key)
}

function unreachable (kind: never): never {
  throw new TypeError(`unknown kind ${String(kind)}`)
}
