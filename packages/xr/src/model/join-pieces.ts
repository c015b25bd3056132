import { Dict } from './dict.ts'
import { isKind } from './kind.ts'
import { List } from './list.ts'
import type { Node } from './node.ts'

/**
 * Joins the pieces of a document that was read in pages, in the order in which they were read: Dicts by their keys, Lists
 * by their members. Where two pieces differ at a path and are not both Dicts or both Lists, the later one counts: the
 * document has changed between the pages.
 *
 * @throws XrError `XR_KIND` when a piece is not a node
 * @example
 * ```ts
 * import { from, joinPieces, print } from '@sr/xr'
 *
 * const pieces = [{ nick: 'bob', peers: ['ann'] }, { peers: ['eve'], at: { home: true } }]
 * console.log(print(joinPieces(pieces.map((piece) => from(piece))) ?? 'none')) // {nick="bob" peers=["ann" "eve"] at={home=true}}
 * ```
 */
export function joinPieces(pieces: Iterable<Node>): Node | undefined {
  const all = [...pieces]
  return all.length === 0 ? undefined : join(all)
}

/** Joins one or more pieces of one path. Recursion is bounded by the depth of the pieces, at most `MAX_DEPTH`. */
function join(pieces: readonly Node[]): Node {
  const last = pieces[pieces.length - 1] as Node
  if (pieces.length === 1) {
    return last
  }
  if (isKind(last, 'dict')) {
    return joinDicts(sameKind(pieces, 'dict') as Dict[])
  }
  return isKind(last, 'list') ? List.from((sameKind(pieces, 'list') as List[]).flatMap((list) => [...list])) : last
}

function joinDicts(dicts: readonly Dict[]): Dict {
  const values = new Map<string, [Node, Node[]]>()
  for (const dict of dicts) {
    for (const [id, value] of dict.byKey()) {
      const entry = values.get(id)
      if (entry === undefined) {
        values.set(id, [dict.keyNode(id), [value]])
      } else {
        entry[1].push(value)
      }
    }
  }
  return Dict.from(Array.from(values.values(), ([name, parts]) => [name, join(parts)]))
}

/** The pieces after the last one of another kind. */
function sameKind(pieces: readonly Node[], kind: 'dict' | 'list'): readonly Node[] {
  return pieces.slice(pieces.findLastIndex((piece) => !isKind(piece, kind)) + 1)
}
