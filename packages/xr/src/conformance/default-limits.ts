import { Dict } from '../model/dict.ts'
import { LIMITS } from '../model/limits.ts'
import { List } from '../model/list.ts'
import type { Node } from '../model/node.ts'
import { Predicate } from '../model/predicate.ts'

/** A document at a default limit, and the expected verdict. */
export interface DefaultLimit {
  readonly name: string
  readonly node: () => Node
  readonly verdict: string
}

/** Documents on either side of each default limit; too large for tables. */
export function defaultLimits(): DefaultLimit[] {
  const { depth, nodes, size, string, bytes } = LIMITS
  return [
    { name: `${depth} Lists in each other`, node: () => lists(depth), verdict: 'accepted' },
    { name: `${depth + 1} Lists in each other`, node: () => lists(depth + 1), verdict: 'XR_DEPTH' },
    {
      name: `${depth + 1} predicates in each other`,
      node: () => repeat(depth + 1, (inner) => new Predicate('p', inner === undefined ? [] : [inner])),
      verdict: 'XR_DEPTH',
    },
    {
      name: `${depth + 1} Dicts in each other, as keys`,
      node: () => repeat(depth + 1, (inner) => (inner === undefined ? Dict.empty : Dict.from([[inner, true]]))),
      verdict: 'XR_DEPTH',
    },
    { name: `${nodes} nodes`, node: () => ints(nodes - 1), verdict: 'accepted' },
    { name: `${nodes + 1} nodes`, node: () => ints(nodes), verdict: 'XR_NODES' },
    { name: `a String of ${string} bytes`, node: () => 'x'.repeat(string), verdict: 'accepted' },
    { name: `a String of ${string + 1} bytes`, node: () => 'x'.repeat(string + 1), verdict: 'XR_STRING' },
    {
      name: `a String of ${string + 2} bytes in a third as many characters`,
      node: () => '水'.repeat((string + 2) / 3),
      verdict: 'XR_STRING',
    },
    { name: `a tag of ${string + 1} bytes`, node: () => new Predicate('x'.repeat(string + 1)), verdict: 'XR_STRING' },
    {
      name: `a key of ${string + 1} bytes`,
      node: () => Dict.from([['x'.repeat(string + 1), true]]),
      verdict: 'XR_STRING',
    },
    { name: `a document of ${size} bytes`, node: () => strings(size), verdict: 'accepted' },
    { name: `a document of ${size + 1} bytes`, node: () => strings(size + 1), verdict: 'XR_SIZE' },
    { name: `Bytes of ${bytes - 5}, the most that fit`, node: () => new Uint8Array(bytes - 5), verdict: 'accepted' },
    {
      name: `Bytes of ${bytes}, with their head more than the size`,
      node: () => new Uint8Array(bytes),
      verdict: 'XR_SIZE',
    },
  ]
}

function lists(depth: number): Node {
  return repeat(depth, (inner) => (inner === undefined ? List.of() : List.of(inner)))
}

function repeat(times: number, wrap: (inner: Node | undefined) => Node): Node {
  let node = wrap(undefined)
  for (let i = 1; i < times; i++) {
    node = wrap(node)
  }
  return node
}

function ints(count: number): Node {
  return List.from(Array.from({ length: count }, (_, i) => BigInt(i)))
}

/** A List that takes a number of bytes: Strings of 50,000 with a head of 3, and one for the rest. */
function strings(bytes: number): Node {
  const each = 50_003
  const whole = Math.floor((bytes - 1) / each)
  const rest = bytes - 1 - whole * each
  return List.from([...Array.from({ length: whole }, (_, i) => String(i).padEnd(each - 3, '.')), '-'.repeat(rest - 3)])
}
