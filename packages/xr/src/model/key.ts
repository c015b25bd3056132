import { latin1 } from '../bytes/latin1.ts'
import { kindOf } from './kind.ts'
import type { Dict, List, Node, Predicate } from './node.ts'

/**
 * The canonical key: two nodes are equal exactly when their keys are. Use it for a node in Maps and
 * Sets, in memory only. A String is its own key unless it begins with NUL; every other key begins
 * with NUL and the letter of its kind. `canonical(node)` is the same identity as bytes, for any language.
 *
 * @example
 * ```ts
 * import { from, key } from '@sr/xr'
 *
 * console.log(key(from([1, 2])) === key(from([2, 1]))) // true
 * console.log(key(1n) === key(1)) // false
 * ```
 */
export function key(node: Node): string {
  switch (typeof node) {
    case 'string':
      return node.charCodeAt(0) === 0 ? `\0s${node}` : node
    case 'bigint':
      return `\0i${node}`
    case 'number':
      return `\0f${node}` // -0 prints as 0: the two are one value
    case 'boolean':
      return node ? '\0t' : '\0n'
    default:
      return containerKey(node)
  }
}

function containerKey(node: Uint8Array | List | Dict | Predicate): string {
  const kind = kindOf(node)
  switch (kind) {
    case 'bytes':
      return `\0b${latin1(node as Uint8Array)}`
    case 'list':
      return `\0l${sequence([...(node as List).byKey().keys()].sort())}`
    case 'dict':
      return `\0d${pairs(node as Dict)}`
    case 'predicate': {
      const { tag, positional, named } = node as Predicate
      return `\0p${tag.length}:${tag}${positional.length}:${sequence(positional.map(key))}${pairs(named)}`
    }
    default:
      throw new TypeError(`${kind} is not a container`)
  }
}

function pairs(dict: Dict): string {
  const parts: string[] = []
  for (const [name, value] of dict.byKey()) {
    parts.push(sequence([name, key(value)]))
  }
  return parts.sort().join('')
}

/** Each part after its length, so that two different sequences never join to the same string. */
function sequence(keys: readonly string[]): string {
  let out = ''
  for (const part of keys) {
    out += `${part.length}:${part}`
  }
  return out
}
