import { Dict, kindOf, List, Predicate, type Node } from '@sr/xr'

/** The node with Bytes of its own: all else in a node cannot be written to. What holds no Bytes is not copied. */
export function ownBytes(node: Node): Node {
  if (typeof node !== 'object') {
    return node
  }
  const kind = kindOf(node)
  switch (kind) {
    case 'bytes':
      return new Uint8Array(node as Uint8Array)
    case 'list': {
      const members = [...(node as List)]
      const owned = members.map(ownBytes)
      return isSame(members, owned) ? node : List.from(owned)
    }
    case 'dict':
      return ownEntries(node as Dict)
    case 'predicate': {
      const { tag, positional, named } = node as Predicate
      const owned = positional.map(ownBytes)
      const ownNamed = ownEntries(named)
      return ownNamed === named && isSame(positional, owned) ? node : new Predicate(tag, owned, ownNamed)
    }
    default:
      return node
  }
}

function ownEntries(dict: Dict): Dict {
  const entries = [...dict]
  const owned = entries.map(([name, value]) => [ownBytes(name), ownBytes(value)] as const)
  return owned.every(([name, value], i) => name === entries[i]?.[0] && value === entries[i]?.[1])
    ? dict
    : Dict.from(owned)
}

function isSame(a: readonly Node[], b: readonly Node[]): boolean {
  return a.every((node, i) => node === b[i])
}
