import { Dict, type Limits, List, type Node, Predicate } from '../../src/index.ts'
import { CID } from './values.ts'

/** A document, the limits it is read under, and what becomes of it. */
export type Limited = readonly [name: string, limits: Partial<Limits>, node: Node, verdict: string]

const dict = (...entries: Array<readonly [Node, Node]>): Dict => Dict.from(entries)
const link = (cid: string): Predicate => new Predicate('link', [cid])

const DEPTH: Limited[] = [
  ['depth 0, a leaf', { depth: 0 }, 'a', 'accepted'],
  ['depth 0, an empty List', { depth: 0 }, List.of(), 'XR_DEPTH'],
  ['depth 1, an empty List', { depth: 1 }, List.of(), 'accepted'],
  ['depth 1, a List in a List', { depth: 1 }, List.of(List.of()), 'XR_DEPTH'],
  ['depth 2, a List in a List', { depth: 2 }, List.of(List.of()), 'accepted'],
  ['depth 1, a Dict', { depth: 1 }, dict(['a', 1n]), 'accepted'],
  ['depth 1, a Dict written as pairs', { depth: 1 }, dict([1n, 1n]), 'accepted'],
  ['depth 1, a Dict in a Dict', { depth: 1 }, dict(['a', dict()]), 'XR_DEPTH'],
  ['depth 1, a Dict with a container for a key', { depth: 1 }, dict([List.of(), 1n]), 'XR_DEPTH'],
  ['depth 2, a Dict with a container for a key', { depth: 2 }, dict([List.of(), 1n]), 'accepted'],
  ['depth 0, a predicate', { depth: 0 }, new Predicate('p'), 'XR_DEPTH'],
  [
    'depth 1, a predicate with arguments of both sorts',
    { depth: 1 },
    new Predicate('p', [1n], dict(['a', 2n])),
    'accepted',
  ],
  ['depth 1, a predicate with named pairs', { depth: 1 }, new Predicate('p', [], dict([1n, 2n])), 'accepted'],
  ['depth 1, a predicate in a predicate', { depth: 1 }, new Predicate('p', [new Predicate('q')]), 'XR_DEPTH'],
  [
    'depth 1, a predicate with a container for a name',
    { depth: 1 },
    new Predicate('p', [], dict([List.of(), 1n])),
    'XR_DEPTH',
  ],
  ['depth 0, a link', { depth: 0 }, link(CID.raw), 'XR_DEPTH'],
  ['depth 1, a link', { depth: 1 }, link(CID.raw), 'accepted'],
  ['depth 1, a link in a List', { depth: 1 }, List.of(link(CID.raw)), 'XR_DEPTH'],
  ['depth 0, a wide Int', { depth: 0 }, 2n ** 64n, 'accepted'],
  ['depth 0, Bytes', { depth: 0 }, Uint8Array.of(1), 'accepted'],
]

const NODES: Limited[] = [
  ['nodes 0, a leaf', { nodes: 0 }, true, 'XR_NODES'],
  ['nodes 1, a leaf', { nodes: 1 }, true, 'accepted'],
  ['nodes 1, an empty Dict', { nodes: 1 }, dict(), 'accepted'],
  ['nodes 2, an entry', { nodes: 2 }, dict(['a', 1n]), 'XR_NODES'],
  ['nodes 3, an entry', { nodes: 3 }, dict(['a', 1n]), 'accepted'],
  ['nodes 3, an entry of pairs', { nodes: 3 }, dict([1n, 2n]), 'accepted'],
  ['nodes 3, three members', { nodes: 3 }, List.of(1n, 2n, 3n), 'XR_NODES'],
  ['nodes 4, three members', { nodes: 4 }, List.of(1n, 2n, 3n), 'accepted'],
  ['nodes 1, a predicate', { nodes: 1 }, new Predicate('p'), 'accepted'],
  [
    'nodes 3, a predicate with two arguments of both sorts',
    { nodes: 3 },
    new Predicate('p', [1n], dict(['a', 2n])),
    'XR_NODES',
  ],
  [
    'nodes 4, a predicate with two arguments of both sorts',
    { nodes: 4 },
    new Predicate('p', [1n], dict(['a', 2n])),
    'accepted',
  ],
  ['nodes 1, a link', { nodes: 1 }, link(CID.raw), 'XR_NODES'],
  ['nodes 2, a link', { nodes: 2 }, link(CID.raw), 'accepted'],
  ['nodes 1, a wide Int', { nodes: 1 }, -(2n ** 70n), 'accepted'],
]

const SIZE: Limited[] = [
  ['size 0, a leaf', { size: 0 }, true, 'XR_SIZE'],
  ['size 1, a leaf', { size: 1 }, true, 'accepted'],
  ['size 3, an escaped String', { size: 3 }, '\n\n', 'accepted'],
  ['size 2, an escaped String', { size: 2 }, '\n\n', 'XR_SIZE'],
  ['size 8, a Float', { size: 8 }, 1.5, 'XR_SIZE'],
  ['size 9, a Float', { size: 9 }, 1.5, 'accepted'],
  ['size 3, an entry', { size: 3 }, dict(['a', 1n]), 'XR_SIZE'],
  ['size 4, an entry', { size: 4 }, dict(['a', 1n]), 'accepted'],
  ['size 5, an entry of pairs', { size: 5 }, dict([1n, 2n]), 'XR_SIZE'],
  ['size 6, an entry of pairs', { size: 6 }, dict([1n, 2n]), 'accepted'],
  ['size 5, a predicate', { size: 5 }, new Predicate('p'), 'XR_SIZE'],
  ['size 6, a predicate', { size: 6 }, new Predicate('p'), 'accepted'],
  ['size 40, a link', { size: 40 }, link(CID.raw), 'XR_SIZE'],
  ['size 41, a link', { size: 41 }, link(CID.raw), 'accepted'],
  ['size 12, a wide Int', { size: 12 }, 2n ** 64n, 'XR_SIZE'],
  ['size 13, a wide Int', { size: 13 }, 2n ** 64n, 'accepted'],
]

const LEAVES: Limited[] = [
  ['string 0, an empty String', { string: 0 }, '', 'accepted'],
  ['string 2, a character of three bytes', { string: 2 }, '水', 'XR_STRING'],
  ['string 3, a character of three bytes', { string: 3 }, '水', 'accepted'],
  ['string 3, a character of four bytes', { string: 3 }, '😀', 'XR_STRING'],
  ['string 1, an escaped character', { string: 1 }, '\n', 'accepted'],
  ['string 1, a key', { string: 1 }, dict(['ab', 1n]), 'XR_STRING'],
  ['string 1, a tag', { string: 1 }, new Predicate('ab'), 'XR_STRING'],
  ['string 2, a tag', { string: 2 }, new Predicate('ab'), 'accepted'],
  ['string 1, a name', { string: 1 }, new Predicate('p', [], dict(['ab', 1n])), 'XR_STRING'],
  ['string 58, a link of 59 characters', { string: 58 }, link(CID.raw), 'XR_STRING'],
  ['string 59, a link of 59 characters', { string: 59 }, link(CID.raw), 'accepted'],
  ['string 45, a link of version 0', { string: 45 }, link(CID.v0), 'XR_STRING'],
  ['string 46, a link of version 0', { string: 46 }, link(CID.v0), 'accepted'],
  ['string 15, a short link', { string: 15 }, link(CID.identity), 'XR_STRING'],
  ['string 16, a short link', { string: 16 }, link(CID.identity), 'accepted'],
  ['bytes 0, no bytes', { bytes: 0 }, new Uint8Array(0), 'accepted'],
  ['bytes 1, two bytes', { bytes: 1 }, new Uint8Array(2), 'XR_BYTES'],
  ['bytes 2, two bytes', { bytes: 2 }, new Uint8Array(2), 'accepted'],
  ['bytes 1, a String of two', { bytes: 1 }, 'ab', 'accepted'],
  ['bytes 1, a wide Int', { bytes: 1 }, 2n ** 64n, 'accepted'],
  ['int 0, zero', { int: 0 }, 0n, 'accepted'],
  ['int 0, one', { int: 0 }, 1n, 'XR_INT'],
  ['int 8, 255', { int: 8 }, 255n, 'accepted'],
  ['int 8, 256', { int: 8 }, 256n, 'XR_INT'],
  ['int 8, -255', { int: 8 }, -255n, 'accepted'],
  ['int 8, -256', { int: 8 }, -256n, 'XR_INT'],
  ['int 63, 2^63', { int: 63 }, 2n ** 63n, 'XR_INT'],
  ['int 64, -2^64', { int: 64 }, -(2n ** 64n), 'XR_INT'],
  ['int 65, -2^64', { int: 65 }, -(2n ** 64n), 'accepted'],
  ['int 64, 2^64', { int: 64 }, 2n ** 64n, 'XR_INT'],
  ['int 65, 2^64', { int: 65 }, 2n ** 64n, 'accepted'],
  ['int 71, 2^71', { int: 71 }, 2n ** 71n, 'XR_INT'],
  ['int 72, 2^71', { int: 72 }, 2n ** 71n, 'accepted'],
]

/** Documents on either side of every limit. */
export const LIMITED: readonly Limited[] = [...DEPTH, ...NODES, ...SIZE, ...LEAVES]
