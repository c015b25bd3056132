import { Dict, equal, isKind, key, List, Predicate, type Node } from '@sr/xr'
import type { Assembly, SmartNode } from './assemble.ts'

/** The smart nodes below a node, by the way to them. */
interface PathTrie {
  smart: SmartNode | undefined
  readonly below: Map<string, PathTrie>
}

/**
 * The tree again, each smart node as its rule expresses its value; all else is the very same nodes.
 * Law: what `assemble` gave comes back equal. Where a smart node stands in another, the outer one's value counts.
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
  const root: PathTrie = { smart: undefined, below: new Map() }
  for (const smart of assembly.smart) {
    let here = root
    for (const step of smart.path) {
      const id = key(step)
      let next = here.below.get(id)
      if (next === undefined) {
        next = { smart: undefined, below: new Map() }
        here.below.set(id, next)
      }
      here = next
    }
    here.smart = smart
  }
  return rebuild(assembly.node, root)
}

function rebuild(node: Node, { smart, below }: PathTrie): Node {
  if (smart !== undefined) {
    const expressed = smart.rule.format(smart.value)
    // the node that was read is the better one to keep: it is shared, and keeps its order
    return equal(expressed, smart.predicate) ? node : expressed
  }
  if (below.size === 0) {
    return node
  }
  const step = (name: Node, child: Node): Node => {
    const subtree = below.get(key(name))
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
