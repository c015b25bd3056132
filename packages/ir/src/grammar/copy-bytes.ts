import { Dict, kindOf, List, Predicate, type Node } from '@sr/xr'

/** Returns the node with its Bytes copied, the only mutable part of a node. Nodes without Bytes are reused. */
export function copyBytes(node: Node): Node {
  if (typeof node !== 'object') {
    return node
  }
  const kind = kindOf(node)
  switch (kind) {
    case 'bytes':
      return new Uint8Array(node as Uint8Array)
    case 'list': {
      const members = [...(node as List)]
      const copied = members.map(copyBytes)
      return isSame(members, copied) ? node : List.from(copied)
    }
    case 'dict':
      return copyEntries(node as Dict)
    case 'predicate': {
      const { tag, positional, named } = node as Predicate
      const copied = positional.map(copyBytes)
      const copiedNamed = copyEntries(named)
      return copiedNamed === named && isSame(positional, copied) ? node : new Predicate(tag, copied, copiedNamed)
    }
    default:
      return node
  }
}

function copyEntries(dict: Dict): Dict {
  const entries = [...dict]
  const copied = entries.map(([name, value]) => [copyBytes(name), copyBytes(value)] as const)
  return copied.every(([name, value], i) => name === entries[i]?.[0] && value === entries[i]?.[1])
    ? dict
    : Dict.from(copied)
}

function isSame(a: readonly Node[], b: readonly Node[]): boolean {
  return a.every((node, i) => node === b[i])
}
