import { Dict, kindOf, LIMITS, List, Predicate, type Node } from '@sr/xr'

/**
 * Returns the node with its Bytes copied, the only mutable part of a node. Nodes without Bytes are reused. What is deeper
 * than an update may be is returned as it is: no update with it is valid.
 *
 * @example
 * ```ts
 * import { copyBytes } from '@sr/ir'
 * import { Dict, print } from '@sr/xr'
 *
 * const bytes = Uint8Array.of(1)
 * const copy = copyBytes(Dict.from([['a', bytes]]))
 * bytes[0] = 2
 * console.log(print(copy)) // {a=0x01}
 * ```
 */
export function copyBytes(node: Node): Node {
  return copy(node, LIMITS.depth)
}

function copy(node: Node, depth: number): Node {
  if (typeof node !== 'object' || depth < 0) {
    return node
  }
  const kind = kindOf(node)
  switch (kind) {
    case 'bytes':
      return new Uint8Array(node as Uint8Array)
    case 'list': {
      const members = [...(node as List)]
      const copied = members.map((member) => copy(member, depth - 1))
      return isSame(members, copied) ? node : List.from(copied)
    }
    case 'dict':
      return copyEntries(node as Dict, depth - 1)
    case 'predicate': {
      const { tag, positional, named } = node as Predicate
      const copied = positional.map((argument) => copy(argument, depth - 1))
      const copiedNamed = copyEntries(named, depth - 1)
      return copiedNamed === named && isSame(positional, copied) ? node : new Predicate(tag, copied, copiedNamed)
    }
    default:
      return node
  }
}

/** The Dict itself until a key or value differs: most have no Bytes, and nothing is allocated for them. */
function copyEntries(dict: Dict, depth: number): Dict {
  let copied: Array<[Node, Node]> | undefined
  let position = 0
  for (const [id, value] of dict.byKey()) {
    const name = dict.plainKeys ? id : dict.keyNode(id)
    const [newName, newValue] = [copy(name, depth), copy(value, depth)]
    if (newName !== name || newValue !== value) {
      copied ??= [...dict].slice(0, position)
    }
    copied?.push([newName, newValue])
    position++
  }
  return copied === undefined ? dict : Dict.from(copied)
}

function isSame(a: readonly Node[], b: readonly Node[]): boolean {
  return a.every((node, i) => node === b[i])
}
