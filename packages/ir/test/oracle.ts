// The definition of merge as a naive interpreter: all updates in stamp order, applied to a mutable tree
// without time; then the tree as it shows at an instant. It shares no code with src, so that no mistake
// can be in both.
import { Dict, isKind, key, List, type Node, type Predicate } from '@sr/xr'
import { canonical, decode } from '@sr/xr/dag-cbor'
import type { Update } from '../src/index.ts'

export type Tree =
  | { kind: 'leaf'; value: Node; expires: number }
  | { kind: 'dict'; expires: number; entries: Map<string, { name: Node; tree: Tree }> }
  | { kind: 'list'; expires: number; members: Map<string, { value: Node; expires: number; order: number[] }> }

/** The expiry and the position in stamp order that an update gives to its statements. */
interface Context {
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
    tree = merge(tree, body, { seq, expires, rank })
  })
  return tree
}

function merge(current: Tree | undefined, node: Node, context: Context): Tree | undefined {
  const operator = asPredicate(node)
  if (operator?.tag === '$remove') {
    return undefined
  }
  if (operator?.tag === '$set') {
    return merge(undefined, operator.positional[0] as Node, context)
  }
  if (operator?.tag === '$ttl') {
    return merge(current, operator.positional[0] as Node, withTtl(context, operator))
  }
  if (isKind(node, 'dict')) {
    return mergeDict(current, node, context)
  }
  if (isKind(node, 'list')) {
    return mergeList(current, node, context)
  }
  return { kind: 'leaf', value: node, expires: context.expires }
}

function mergeDict(current: Tree | undefined, node: Dict, context: Context): Tree {
  const dict: Tree & { kind: 'dict' } =
    current?.kind === 'dict' ? current : { kind: 'dict', expires: 0, entries: new Map() }
  dict.expires = context.expires
  for (const [name, value] of node) {
    const tree = merge(dict.entries.get(key(name))?.tree, value, context)
    if (tree === undefined) {
      dict.entries.delete(key(name))
    } else {
      // two spellings of a List are one key, which shows in canonical form
      dict.entries.set(key(name), { name: decode(canonical(name)), tree })
    }
  }
  return dict
}

function mergeList(current: Tree | undefined, node: List, context: Context): Tree {
  const list: Tree & { kind: 'list' } =
    current?.kind === 'list' ? current : { kind: 'list', expires: 0, members: new Map() }
  list.expires = context.expires
  let position = 0
  for (const member of node) {
    const operator = asPredicate(member)
    const order = [context.rank, position++]
    if (operator?.tag === '$remove') {
      list.members.delete(key(operator.positional[0] as Node))
    } else if (operator?.tag === '$ttl') {
      const value = operator.positional[0] as Node
      list.members.set(key(value), { value, expires: withTtl(context, operator).expires, order })
    } else {
      list.members.set(key(member), { value: member, expires: context.expires, order })
    }
  }
  return list
}

function asPredicate(node: Node): Predicate | undefined {
  return isKind(node, 'predicate') ? node : undefined
}

function withTtl(context: Context, operator: Predicate): Context {
  return { ...context, expires: Math.floor(context.seq / 1000) + Number(operator.positional[1]) * 1000 }
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
      for (const { name, tree: inner } of tree.entries.values()) {
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
