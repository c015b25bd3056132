import { Dict, equal, isKind, key, List, Predicate, type Node } from '@sr/xr'
import type { Assembly, SmartNode } from './assemble.ts'

/** The smart nodes of a tree, as a trie by path. */
interface PathTrie {
  smart: SmartNode | undefined
  readonly children: Map<string, PathTrie>
}

/**
 * Returns the tree with each smart node as its rule formats its value; all other nodes are reused.
 * Law: the result for an unmodified assembly equals its tree. For nested smart nodes the value of the outer one counts.
 *
 * @example
 * ```ts
 * import { assemble, createGrammar, disassemble } from '@sr/ir'
 * import { from, Predicate } from '@sr/xr'
 *
 * const tree = from({ unknown: new Predicate('whatever', [1n]) })
 * console.log(disassemble(assemble(createGrammar([]), tree)) === tree) // true
 * ```
 */
export function disassemble(assembly: Assembly): Node {
  const root: PathTrie = { smart: undefined, children: new Map() }
  for (const smart of assembly.smart) {
    let here = root
    for (const step of smart.path) {
      const id = key(step)
      let next = here.children.get(id)
      if (next === undefined) {
        next = { smart: undefined, children: new Map() }
        here.children.set(id, next)
      }
      here = next
    }
    here.smart = smart
  }
  return rebuild(assembly.node, root)
}

function rebuild(node: Node, { smart, children }: PathTrie): Node {
  if (smart !== undefined) {
    const formatted = smart.rule.format(smart.value)
    // the original node is preferred: it is shared, and its List and Dict order is kept
    return equal(formatted, smart.predicate) ? node : formatted
  }
  if (children.size === 0) {
    return node
  }
  const step = (name: Node, child: Node): Node => {
    const subtree = children.get(key(name))
    return subtree === undefined ? child : rebuild(child, subtree)
  }
  if (isKind(node, 'dict')) {
    const entries = Array.from(node, ([name, value]) => [name, step(name, value)] as const)
    return same(
      node.values(),
      entries.map(([, value]) => value),
    )
      ? node
      : Dict.from(entries)
  }
  if (isKind(node, 'list')) {
    const members = Array.from(node, (member, i) => step(BigInt(i), member))
    return same(node, members) ? node : List.from(members)
  }
  if (isKind(node, 'predicate')) {
    const positional = node.positional.map((argument, i) => step(BigInt(i), argument))
    const named = Array.from(node.named, ([name, argument]) => [name, step(name, argument)] as const)
    const changed =
      !same(node.positional, positional) ||
      !same(
        node.named.values(),
        named.map(([, argument]) => argument),
      )
    return changed ? new Predicate(node.tag, positional, Dict.from(named)) : node
  }
  return node
}

function same(before: Iterable<Node>, after: readonly Node[]): boolean {
  let i = 0
  for (const node of before) {
    if (node !== after[i++]) {
      return false
    }
  }
  return true
}
