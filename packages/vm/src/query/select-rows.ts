import { positionOf, walk, type Position, type View, type ViewPart, type Visit } from '@sr/ir'
import { isKind, type Node, type Path } from '@sr/xr'
import type { Selector } from '@sr/xr/selector'
import { cutPart } from './cut-document.ts'
import { MAX_STEPS_OF_PAGE, PAGE_BYTES, PAGE_ROWS, STEP_BYTES } from './page-limits.ts'
import { Pattern } from './pattern.ts'

/** Bytes of a row on the wire besides its path and node, at most: peer id 64, heads, flags and expiry. */
const ROW_BYTES = 96

/** One result of a query. */
export interface Row {
  /** Dict keys from the root; for a member, the path of its List */
  readonly path: Path
  /** what shows there, or the member; of a container larger than a page, a piece */
  readonly node: Node
  readonly isMember: boolean
  /** its expiry, or for a container the latest expiry of its content, milliseconds */
  readonly expires: number
  /** whether `node` is a piece, and the first row of the next page has the next one; pieces join by `joinPieces` */
  readonly goesOn: boolean
}

/** Where a page of rows ended. */
export interface RowPosition {
  /** the last part that the page visited */
  readonly position: Position
  /** within the container at `position`, where its last piece ended; undefined when it is complete */
  readonly inside?: Position | undefined
}

/** A page of rows, and how to read on. */
export interface RowPage {
  /** in canonical order; a container before what it holds */
  readonly rows: readonly Row[]
  /** where the next page begins, which may have no rows; undefined when the document was read to its end */
  readonly after: RowPosition | undefined
  /** number of parts visited: what this page used of `budget` */
  readonly steps: number
  /** size of the rows on the wire, bytes; never below the real one */
  readonly bytes: number
}

/** What to select, and how much of it. */
export interface SelectOptions {
  /** only predicates of these tags; default: every kind of node */
  readonly tags?: readonly string[] | undefined
  /** where the previous page ended; default: from the beginning */
  readonly after?: RowPosition | undefined
  /** most parts to visit; default 100,000 */
  readonly budget?: number
  /** most rows; default 500 */
  readonly maxRows?: number
  /** most bytes of all rows; default 65,536. A single row may be larger, by its path or by a leaf */
  readonly maxBytes?: number
}

/**
 * Selects the parts of a view whose path matches a selector. The page ends at `maxRows`, `maxBytes` or `budget`, whichever
 * comes first; no end is an error. What shows in all views that are read, page by page, comes exactly once.
 *
 * @throws VmError `VM_DEPTH` for a selector of more than 64 steps
 */
export function selectRows(view: View, selector: Selector, options: SelectOptions = {}): RowPage {
  const pattern = new Pattern(selector)
  const { tags, after } = options
  const budget = Math.max(options.budget ?? MAX_STEPS_OF_PAGE, 1)
  const maxRows = Math.max(options.maxRows ?? PAGE_ROWS, 1)
  const page = new Page(options.maxBytes ?? PAGE_BYTES)
  const root = view.part()
  if (root === undefined) {
    return page.end(undefined, 0)
  }
  const rest = after?.inside === undefined ? undefined : page.addRest(root, after.position, after.inside)
  if (rest !== undefined) {
    return page.end(rest, 0)
  }
  let last: Visit<unknown> | undefined
  let steps = 0
  const endAfterLast = (): RowPage =>
    page.end({ position: last === undefined ? (after?.position ?? []) : positionOf(last) }, steps)
  for (const visit of walk(root, pattern.start, pattern, after?.position)) {
    if (steps >= budget || page.rows.length >= maxRows) {
      return endAfterLast()
    }
    steps++
    if (pattern.matches(visit.state, visit.part) && hasTag(visit.part.node, tags)) {
      const added = page.add(visit)
      if (added !== true) {
        return added === undefined ? endAfterLast() : page.end(added, steps)
      }
    }
    last = visit
  }
  return page.end(undefined, steps)
}

function hasTag(node: Node, tags: readonly string[] | undefined): boolean {
  return tags === undefined || (isKind(node, 'predicate') && tags.includes(node.tag))
}

/** The rows of a page so far. */
class Page {
  readonly rows: Row[] = []
  readonly #maxBytes: number
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /**
   * Adds a row. Returns true; undefined when the row does not fit, and was not added; or where the page ends because the row
   * has a piece only.
   */
  add(visit: Visit<unknown>): true | undefined | RowPosition {
    const steps: ViewPart[] = []
    for (let at: Visit<unknown> = visit; at.up !== undefined; at = at.up) {
      steps.unshift(at.part)
    }
    return this.#add(visit.part, steps)
  }

  /** Adds the next piece of a container; returns where the page ends if that is not the last one. */
  addRest(root: ViewPart, position: Position, inside: Position): RowPosition | undefined {
    const steps: ViewPart[] = []
    let part = root
    for (const order of position) {
      const [child] = part.children(order)
      if (child?.order !== order) {
        return undefined
      }
      part = child
      steps.push(part)
    }
    const added = part.isLeaf ? true : this.#add(part, steps, inside)
    return added === true ? undefined : added
  }

  #add(part: ViewPart, steps: readonly ViewPart[], inside?: Position): true | undefined | RowPosition {
    const path = steps.filter(({ isMember }) => !isMember)
    const overhead = path.reduce((sum, { order }) => sum + order.length + STEP_BYTES, ROW_BYTES)
    const room = this.#maxBytes - this.#bytes - overhead
    const { node, after, bytes } = cutPart(part, Math.max(room, 0), inside)
    if (this.rows.length > 0 && (after !== undefined || bytes > room)) {
      return undefined
    }
    if (node !== undefined) {
      const { isMember, ends } = part
      const keys = path.map(({ step }) => step as Node)
      this.rows.push({ path: keys, node, isMember, expires: ends, goesOn: after !== undefined })
      this.#bytes += overhead + bytes
    }
    return after === undefined ? true : { position: steps.map(({ order }) => order), inside: after }
  }

  end(after: RowPosition | undefined, steps: number): RowPage {
    return { rows: this.rows, after, steps, bytes: this.#bytes }
  }
}
