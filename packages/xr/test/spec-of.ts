import { type Dict, kindOf, type List, type Node, type Predicate } from '../src/index.ts'
import type { Spec } from '../src/conformance/vectors.ts'
import { toHex } from './hex.ts'

/** The spec of a node. */
export function specOf(node: Node): Spec {
  switch (kindOf(node)) {
    case 'bool':
      return { bool: node as boolean }
    case 'string':
      return { string: node as string }
    case 'int':
      return { int: String(node) }
    case 'float': {
      const bits = Buffer.alloc(8)
      bits.writeDoubleBE(node as number)
      return { float: toHex(bits) }
    }
    case 'bytes':
      return { bytes: toHex(node as Uint8Array) }
    case 'list':
      return { list: Array.from(node as List, specOf) }
    case 'dict':
      return { dict: entriesOf(node as Dict) }
    case 'predicate': {
      const { tag, positional, named } = node as Predicate
      return { predicate: { tag, positional: positional.map(specOf), named: entriesOf(named) } }
    }
  }
}

function entriesOf(dict: Dict): Array<[Spec, Spec]> {
  return Array.from(dict, ([name, value]) => [specOf(name), specOf(value)])
}

/** Nodes in a document: every leaf and container, keys and names too. */
export function nodesOf(spec: Spec): number {
  return 1 + sum(childrenOf(spec).map(nodesOf))
}

/** Containers on the way to the deepest node. */
export function depthOf(spec: Spec): number {
  const container = 'list' in spec || 'dict' in spec || 'predicate' in spec
  return container ? 1 + Math.max(0, ...childrenOf(spec).map(depthOf)) : 0
}

function childrenOf(spec: Spec): readonly Spec[] {
  if ('list' in spec) return spec.list
  if ('dict' in spec) return spec.dict.flat()
  if ('predicate' in spec) return [...spec.predicate.positional, ...spec.predicate.named.flat()]
  return []
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
