import { type Dict, kindOf, type List, type Node, type Predicate } from '@sr/xr'
import { must } from './fault.ts'

/** What a node comes to, in the terms of the limits; its size is the length of its dag-cbor. */
export interface Measured {
  depth: number
  nodes: number
  string: number
  bytes: number
  int: number
}

/**
 * Counts a node and checks that it is valid throughout. Shares nothing with the counting
 * of the decoders, and does not recurse.
 */
export function measure(root: Node): Measured {
  const found: Measured = { depth: 0, nodes: 0, string: 0, bytes: 0, int: 0 }
  const open: Array<[Node, number]> = [[root, 0]]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [node, above] = next
    found.nodes++
    switch (kindOf(node)) {
      case 'bool':
        break
      case 'string':
        found.string = Math.max(found.string, textLength(node as string))
        break
      case 'int':
        found.int = Math.max(found.int, node === 0n ? 0 : (node as bigint).toString(2).replace('-', '').length)
        break
      case 'float':
        must(Number.isFinite(node) && !Object.is(node, -0), 'a Float that is not finite, or -0')
        break
      case 'bytes':
        found.bytes = Math.max(found.bytes, (node as Uint8Array).length)
        break
      case 'list': {
        found.depth = Math.max(found.depth, above + 1)
        let members = 0
        for (const member of node as List) {
          open.push([member, above + 1])
          members++
        }
        must(members === (node as List).size, 'a List of another size than its members')
        break
      }
      case 'dict':
        found.depth = Math.max(found.depth, above + 1)
        pushEntries(node as Dict, above + 1, open)
        break
      case 'predicate': {
        found.depth = Math.max(found.depth, above + 1)
        const { tag, positional, named } = node as Predicate
        found.string = Math.max(found.string, textLength(tag))
        for (const argument of positional) open.push([argument, above + 1])
        pushEntries(named, above + 1, open)
      }
    }
  }
  if (typeof root === 'object' && !(root instanceof Uint8Array))
    must(root.depth === found.depth, 'a depth that is not the depth')
  return found
}

function pushEntries(dict: Dict, above: number, open: Array<[Node, number]>): void {
  let entries = 0
  for (const [name, value] of dict) {
    open.push([name, above], [value, above])
    entries++
  }
  must(entries === dict.size, 'a Dict of another size than its entries')
}

function textLength(text: string): number {
  must(text.isWellFormed(), 'a String that is not well-formed')
  return Buffer.byteLength(text)
}
