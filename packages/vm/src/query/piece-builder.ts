import type { ViewPart, Visit } from '@sr/ir'
import { Dict, isKind, List, size, type Node } from '@sr/xr'
import { headSize } from '@sr/xr/codec-kit'

/** An open container of a piece. */
interface Level {
  readonly part: ViewPart
  readonly isDict: boolean
  readonly entries: Array<readonly [Node, Node]>
  /** number of children, the open one included */
  count: number
  /** whether a key forces the natural form with pairs */
  pairs: boolean
}

/** Builds a piece of a document from its leaves in canonical order, and counts its bytes in natural dag-cbor as it grows. */
export class PieceBuilder {
  /** from the root down */
  readonly #levels: Level[] = []
  #leaf: Node | undefined
  #bytes = 0

  get isEmpty(): boolean {
    return this.#leaf === undefined && this.#levels.length === 0
  }

  /** The size of the piece, bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** Adds a leaf, unless the piece then exceeds `max` bytes; the first leaf is always added. */
  add(visit: Visit<unknown>, max: number): boolean {
    const path = pathTo(visit)
    const common = this.#commonDepth(path)
    const bytes = this.#bytes + this.#cost(path, common)
    if (!this.isEmpty && bytes > max) {
      return false
    }
    this.#bytes = bytes
    this.#closeTo(common)
    for (let depth = common; depth < path.length; depth++) {
      const part = path[depth] as ViewPart
      const parent = this.#levels.at(-1)
      if (parent !== undefined) {
        parent.count++
        parent.pairs ||= needsPairs(parent, part)
      }
      if (depth === path.length - 1) {
        this.#addLeaf(part, parent)
      } else {
        this.#levels.push(levelOf(part))
      }
    }
    return true
  }

  /** Ends the piece; undefined without a leaf. */
  finish(): Node | undefined {
    this.#closeTo(0)
    return this.#leaf
  }

  /** The number of open containers on the path. */
  #commonDepth(path: readonly ViewPart[]): number {
    let depth = 0
    while (depth < this.#levels.length && this.#levels[depth]?.part === path[depth]) {
      depth++
    }
    return depth
  }

  /** Bytes that a leaf adds, with the containers and keys above it that the piece does not have yet. */
  #cost(path: readonly ViewPart[], common: number): number {
    const leaf = path[path.length - 1] as ViewPart
    let bytes = size(leaf.node)
    for (let depth = common; depth < path.length; depth++) {
      const part = path[depth] as ViewPart
      const level = depth === common ? this.#levels[depth - 1] : levelOf(path[depth - 1] as ViewPart)
      if (level !== undefined) {
        const grown = { ...level, count: level.count + 1, pairs: level.pairs || needsPairs(level, part) }
        // a new container has no bytes yet, not even those of its head
        bytes += headOf(grown) - (depth === common ? headOf(level) : 0)
        bytes += level.isDict ? size(part.step as Node) : 0
      }
    }
    return bytes
  }

  #addLeaf(part: ViewPart, parent: Level | undefined): void {
    if (parent === undefined) {
      this.#leaf = part.node
    } else {
      parent.entries.push([part.step as Node, part.node])
    }
  }

  /** Completes the open containers from a depth on. */
  #closeTo(depth: number): void {
    while (this.#levels.length > depth) {
      const { part, isDict, entries } = this.#levels.pop() as Level
      const node = isDict ? Dict.from(entries) : List.from(entries.map(([member]) => member))
      const parent = this.#levels.at(-1)
      if (parent === undefined) {
        this.#leaf = node
      } else {
        parent.entries.push([part.step as Node, node])
      }
    }
  }
}

function levelOf(part: ViewPart): Level {
  return { part, isDict: isKind(part.node, 'dict'), entries: [], count: 0, pairs: false }
}

/** The rule of the natural codec: a key that is not a String, or is `/`. */
function needsPairs({ isDict }: Level, { step }: ViewPart): boolean {
  return isDict && (typeof step !== 'string' || step === '/')
}

/** Bytes of a container without its content, as `ownSize` counts them. */
function headOf({ count, pairs }: Level): number {
  return headSize(count) + (pairs ? 2 + count : 0)
}

function pathTo(visit: Visit<unknown>): ViewPart[] {
  const path: ViewPart[] = []
  for (let at: Visit<unknown> | undefined = visit; at !== undefined; at = at.up) {
    path.push(at.part)
  }
  return path.reverse()
}
