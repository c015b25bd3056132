import { leaves, positionOf, type Position, type View, type ViewPart, type Visit } from '@sr/ir'
import { fits, type Node, type Path } from '@sr/xr'
import { atPath } from './at-path.ts'
import { MAX_STEPS_OF_PAGE, PAGE_BYTES } from './page-limits.ts'
import { PieceBuilder } from './piece-builder.ts'

/** What to cut of a document. */
export interface CutOptions {
  /** Dict keys to what is read; default: the whole document */
  readonly at?: Path
  /** most bytes of the piece in natural dag-cbor; default 65,536 */
  readonly maxBytes?: number
  /** most leaves to visit; default 100,000 */
  readonly budget?: number
  /** where the previous piece ended, relative to `at`; default: from the beginning */
  readonly after?: Position | undefined
}

/** A piece of what shows at a path. */
export interface Piece {
  /** the leaves of this piece in the containers that hold them; undefined when no leaf follows `after` */
  readonly node: Node | undefined
  /** where the next piece begins; undefined after the last one */
  readonly after: Position | undefined
  /** when the first and the last of what shows at the path ends, in all its pieces, milliseconds */
  readonly next: number
  readonly ends: number
}

/**
 * Cuts a piece that fits `maxBytes` from what a view shows at a path, between leaves in canonical order; undefined when
 * nothing shows there. The pieces of one view join to the whole (`joinPieces`); in those of different views, what all of
 * them show comes exactly once. A leaf that is larger than `maxBytes` with its path is a piece of its own.
 */
export function cutDocument(view: View, options: CutOptions = {}): Piece | undefined {
  const part = atPath(view, options.at ?? [])
  if (part === undefined) {
    return undefined
  }
  const { maxBytes = PAGE_BYTES, budget = MAX_STEPS_OF_PAGE, after } = options
  return { ...cutPart(part, maxBytes, after, budget), next: part.next, ends: part.ends }
}

/** Cuts a piece from a part of a view, behind `after`. */
export function cutPart(
  part: ViewPart,
  maxBytes: number,
  after?: Position,
  budget: number = MAX_STEPS_OF_PAGE,
): Pick<Piece, 'node' | 'after'> & { readonly bytes: number } {
  const whole = after === undefined ? fits(part.node, maxBytes) : undefined
  if (whole !== undefined) {
    return { node: part.node, after: undefined, bytes: whole }
  }
  const builder = new PieceBuilder()
  let last: Visit<undefined> | undefined
  let steps = 0
  for (const leaf of leaves(part, after)) {
    // the first leaf is always added
    if ((last !== undefined && steps >= budget) || !builder.add(leaf, maxBytes)) {
      return { node: builder.finish(), after: last && positionOf(last), bytes: builder.bytes }
    }
    last = leaf
    steps++
  }
  return { node: builder.finish(), after: undefined, bytes: builder.bytes }
}
