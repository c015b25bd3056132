// The definition of merge as a naive interpreter: all updates in stamp order, applied to a mutable tree
// without time; then the tree as it shows at an instant. It shares no code with src, so that no mistake
// can be in both.
import { Dict, isKind, key, List, type Node, type Predicate } from '@sr/xr'
import { canonical, decode } from '@sr/xr/dag-cbor'
import type { Update } from '../src/index.ts'

export type Tree =
  | { kind: 'leaf'; value: Node; expires: number }
  | { kind: 'dict'; expires: number; kids: Map<string, { name: Node; tree: Tree }> }
  | { kind: 'list'; expires: number; members: Map<string, { value: Node; expires: number; order: number[] }> }

/** The expiry and the position in stamp order that an update gives to its statements. */
interface Say {
  readonly seq: number
  readonly expires: number
  readonly rank: number
}

/** Merges all these updates of one writer into a tree. */
export function interpret(updates: Iterable<Update>): Tree | undefined {
  const byHash = new Map(Array.from(updates, (update) => [update.hash, update]))
  const inOrder = [...byHash.values()].sort((a, b) => a.seq - b.seq || (a.hash < b.hash ? -1 : 1))
  let tree: Tree | undefined
  inOrder.forEach(({ seq, expires, body }, rank) => {
    tree = say(tree, body, { seq, expires, rank })
  })
  return tree
}

function say(there: Tree | undefined, node: Node, said: Say): Tree | undefined {
  const operator = asPredicate(node)
  if (operator?.tag === '$remove') {
    return undefined
  }
  if (operator?.tag === '$set') {
    return say(undefined, operator.positional[0] as Node, said)
  }
  if (operator?.tag === '$ttl') {
    return say(there, operator.positional[0] as Node, withLife(said, operator))
  }
  if (isKind(node, 'dict')) {
    return sayDict(there, node, said)
  }
  if (isKind(node, 'list')) {
    return sayList(there, node, said)
  }
  return { kind: 'leaf', value: node, expires: said.expires }
}

function sayDict(there: Tree | undefined, node: Dict, said: Say): Tree {
  const dict: Tree & { kind: 'dict' } = there?.kind === 'dict' ? there : { kind: 'dict', expires: 0, kids: new Map() }
  dict.expires = said.expires
  for (const [name, value] of node) {
    const tree = say(dict.kids.get(key(name))?.tree, value, said)
    if (tree === undefined) {
      dict.kids.delete(key(name))
    } else {
      // two spellings of a List are one key, which shows in canonical form
      dict.kids.set(key(name), { name: decode(canonical(name)), tree })
    }
  }
  return dict
}

function sayList(there: Tree | undefined, node: List, said: Say): Tree {
  const list: Tree & { kind: 'list' } =
    there?.kind === 'list' ? there : { kind: 'list', expires: 0, members: new Map() }
  list.expires = said.expires
  let position = 0
  for (const member of node) {
    const operator = asPredicate(member)
    const order = [said.rank, position++]
    if (operator?.tag === '$remove') {
      list.members.delete(key(operator.positional[0] as Node))
    } else if (operator?.tag === '$ttl') {
      const value = operator.positional[0] as Node
      list.members.set(key(value), { value, expires: withLife(said, operator).expires, order })
    } else {
      list.members.set(key(member), { value: member, expires: said.expires, order })
    }
  }
  return list
}

function asPredicate(node: Node): Predicate | undefined {
  return isKind(node, 'predicate') ? node : undefined
}

function withLife(said: Say, operator: Predicate): Say {
  return { ...said, expires: Math.floor(said.seq / 1000) + Number(operator.positional[1]) * 1000 }
}

/** Returns the part of a tree that shows at an instant. */
export function showAt(tree: Tree | undefined, now: number): Node | undefined {
  switch (tree?.kind) {
    case undefined:
      return undefined
    case 'leaf':
      return tree.expires > now ? tree.value : undefined
    case 'dict': {
      const entries: Array<[Node, Node]> = []
      for (const { name, tree: inner } of tree.kids.values()) {
        const shown = showAt(inner, now)
        if (shown !== undefined) {
          entries.push([name, shown])
        }
      }
      return entries.length > 0 || tree.expires > now ? Dict.from(entries) : undefined
    }
    case 'list': {
      const members = [...tree.members.values()]
        .filter((member) => member.expires > now)
        .sort(
          (a, b) => (a.order[0] as number) - (b.order[0] as number) || (a.order[1] as number) - (b.order[1] as number),
        )
      return members.length > 0 || tree.expires > now ? List.from(members.map((member) => member.value)) : undefined
    }
  }
}
