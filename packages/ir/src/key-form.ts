import { Dict, kindOf, List, Predicate, type Node } from '@sr/xr'
import { canonical } from '@sr/xr/dag-cbor'

/**
 * The one form in which a Dict key shows. Two spellings of a List are one key, and which of them
 * came last cannot be known any more once its update is forgotten; so Lists in keys stand in the
 * order of their members' canonical bytes.
 */
export function keyForm (node: Node): Node {
  if (typeof node !== 'object') {
    return node
  }
  const kind = kindOf(node)
  switch (kind) {
    case 'list': {
      const members = Array.from(node as List, (member) => ({ member: keyForm(member), bytes: canonical(member) }))
      return List.from(members.sort((a, b) => compareBytes(a.bytes, b.bytes)).map(({ member }) => member))
    }
    case 'dict': return dictForm(node as Dict)
    case 'predicate': {
      const { tag, positional, named } = node as Predicate
      return new Predicate(tag, positional.map(keyForm), dictForm(named))
    }
    default: return node
  }
}

function dictForm (dict: Dict): Dict {
  return Dict.from(Array.from(dict, ([name, value]) => [keyForm(name), keyForm(value)]))
}

function compareBytes (a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) {
      return difference
    }
  }
  return a.length - b.length
}
