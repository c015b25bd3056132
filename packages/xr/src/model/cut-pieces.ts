import { Dict } from './dict.ts'
import { fits } from './fits.ts'
import { isKind } from './kind.ts'
import { List } from './list.ts'
import type { Node } from './node.ts'
import { size } from './size.ts'

/** Bytes of the head of a container in dag-cbor, at most. */
const HEAD_BYTES = 9

/**
 * Cuts a node into pieces of at most `max` bytes of natural dag-cbor, in canonical order, which {@link joinPieces} joins. Dicts are cut
 * between entries, at any depth, and Lists between members; what stands in a member or in a predicate is not cut. A value that is larger than `max`
 * is a piece by itself, with the keys above it.
 *
 * @throws XrError `XR_KIND` when the argument is not a node
 * @example
 * ```ts
 * import { cutPieces, from, print } from '@sr/xr'
 *
 * const pieces = [...cutPieces(from({ nick: 'bob', peers: ['ann', 'eve'] }), 24)]
 * console.log(pieces.map((piece) => print(piece)).join(' ')) // {nick="bob"} {peers=["ann" "eve"]}
 * ```
 */
export function* cutPieces(node: Node, max: number): Generator<Node, undefined> {
  if (fits(node, max) !== undefined) {
    yield node
  } else if (isKind(node, 'dict')) {
    yield* cutDict(node, max)
  } else if (isKind(node, 'list')) {
    yield* cutList(node, max)
  } else {
    yield node
  }
}

function* cutDict(dict: Dict, max: number): Generator<Node, undefined> {
  let entries: Array<readonly [Node, Node]> = []
  let left = max - HEAD_BYTES
  for (const [name, value] of dict) {
    const nameBytes = size(name)
    const valueBytes = fits(value, Math.max(0, left - nameBytes))
    if (valueBytes !== undefined) {
      entries.push([name, value])
      left -= nameBytes + valueBytes
      continue
    }
    if (entries.length > 0) {
      yield Dict.from(entries)
      entries = []
      left = max - HEAD_BYTES
    }
    for (const piece of cutPieces(value, Math.max(1, max - HEAD_BYTES - nameBytes))) {
      if (entries.length > 0) {
        yield Dict.from(entries)
      }
      entries = [[name, piece]]
      left = max - HEAD_BYTES - nameBytes - size(piece)
    }
  }
  if (entries.length > 0) {
    yield Dict.from(entries)
  }
}

function* cutList(list: List, max: number): Generator<Node, undefined> {
  let members: Node[] = []
  let left = max - HEAD_BYTES
  for (const member of list) {
    const bytes = size(member)
    if (bytes > left && members.length > 0) {
      yield List.from(members)
      members = []
      left = max - HEAD_BYTES
    }
    members.push(member)
    left -= bytes
  }
  yield List.from(members)
}
