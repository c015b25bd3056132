import { isKind, type Node } from '@sr/xr'

/** When an entry ends: a leaf at `expires`; a container changes next at `until`, and shows until `ends` at most. */
export type Bounds = { readonly expires: number } | { readonly until: number; readonly ends: number }

/** An entry of a shown Dict. */
export interface Entry<P extends Bounds> {
  /** canonical key */
  readonly id: string
  readonly node: Node
  readonly part: P
}

/** What stands at a position from now on; undefined when nothing does. */
export interface EntryChange<P extends Bounds> {
  readonly position: number
  readonly entry: Entry<P> | undefined
}

/** Children per branch: a change copies one branch per level, and four levels hold a million entries. */
const WIDTH = 32

/**
 * Entries by their position, in an immutable radix tree: a tree with another entry shares all branches but those on the
 * path to it. Each branch has the bounds of what is in it.
 */
export class EntryTree<P extends Bounds> {
  /** 0 for a branch of entries */
  readonly #level: number
  readonly #slots: ReadonlyArray<EntryTree<P> | Entry<P> | undefined>
  /** number of entries */
  readonly size: number
  /** the first instant at which an entry changes by expiry */
  readonly until: number
  /** the latest expiry of an entry */
  readonly ends: number
  /** containers on the longest path down, this one excluded */
  readonly depth: number

  private constructor(level: number, slots: ReadonlyArray<EntryTree<P> | Entry<P> | undefined>) {
    let [size, until, ends, depth] = [0, Infinity, 0, 0]
    for (const slot of slots) {
      if (slot instanceof EntryTree) {
        size += slot.size
        until = Math.min(until, slot.until)
        ends = Math.max(ends, slot.ends)
        depth = Math.max(depth, slot.depth)
      } else if (slot !== undefined) {
        size++
        until = Math.min(until, untilOf(slot.part))
        ends = Math.max(ends, endOf(slot.part))
        depth = Math.max(depth, depthOf(slot.node))
      }
    }
    this.#level = level
    this.#slots = slots
    this.size = size
    this.until = until
    this.ends = ends
    this.depth = depth
  }

  /** The tree of entries at the positions 0, 1, 2, …; a position without an entry is free. */
  static from<P extends Bounds>(entries: ReadonlyArray<Entry<P> | undefined>): EntryTree<P> {
    let branches: Array<EntryTree<P>> = grouped(entries).map((slots) => new EntryTree(0, slots))
    for (let level = 1; branches.length > 1; level++) {
      branches = grouped(branches).map((slots) => new EntryTree(level, slots))
    }
    return branches[0] ?? new EntryTree<P>(0, [])
  }

  /** The tree with other entries at some positions, or none. Each branch on the paths to them is copied once. */
  with(changes: Array<EntryChange<P>>): EntryTree<P> {
    changes.sort((a, b) => a.position - b.position)
    const last = changes.at(-1)
    if (last === undefined) {
      return this
    }
    let level = this.#level
    while (last.position >= WIDTH ** (level + 1)) {
      level++
    }
    return this.#raised(level).#with(changes, 0, changes.length, 0)
  }

  /** The entry at a position. */
  at(position: number): Entry<P> | undefined {
    if (position >= WIDTH ** (this.#level + 1)) {
      return undefined
    }
    const below = WIDTH ** this.#level
    const slot = this.#slots[Math.floor(position / below)]
    return slot instanceof EntryTree ? slot.at(position % below) : slot
  }

  /** The entries in order. */
  *[Symbol.iterator](): IterableIterator<Entry<P>> {
    for (const slot of this.#slots) {
      if (slot instanceof EntryTree) {
        yield* slot
      } else if (slot !== undefined) {
        yield slot
      }
    }
  }

  /** The entries that change by expiry at `now` or earlier. */
  *ended(now: number): IterableIterator<Entry<P>> {
    if (this.until > now) {
      return
    }
    for (const slot of this.#slots) {
      if (slot instanceof EntryTree) {
        yield* slot.ended(now)
      } else if (slot !== undefined && untilOf(slot.part) <= now) {
        yield slot
      }
    }
  }

  /** What stands at each position where this tree and a later one differ. Shared branches are not visited. */
  *difference(later: EntryTree<P>): IterableIterator<readonly [Entry<P> | undefined, Entry<P> | undefined]> {
    if (this === later) {
      return
    }
    const level = Math.max(this.#level, later.#level)
    const [a, b] = [this.#raised(level), later.#raised(level)]
    for (let i = 0; i < Math.max(a.#slots.length, b.#slots.length); i++) {
      const [before, after] = [a.#slots[i], b.#slots[i]]
      if (before === after) {
        continue
      }
      if (level === 0) {
        yield [before as Entry<P> | undefined, after as Entry<P> | undefined]
      } else {
        const none: EntryTree<P> = NO_ENTRIES
        yield* ((before as EntryTree<P> | undefined) ?? none).difference((after as EntryTree<P> | undefined) ?? none)
      }
    }
  }

  /** The branch, whose first position is `first`, with the changes from one index to another. */
  #with(changes: ReadonlyArray<EntryChange<P>>, from: number, to: number, first: number): EntryTree<P> {
    const below = WIDTH ** this.#level
    const slots = [...this.#slots]
    for (let i = from; i < to;) {
      const { position, entry } = changes[i] as EntryChange<P>
      const at = Math.floor((position - first) / below)
      while (slots.length <= at) {
        slots.push(undefined)
      }
      if (this.#level === 0) {
        slots[at] = entry
        i++
        continue
      }
      const next = first + (at + 1) * below
      let end = i + 1
      while (end < to && (changes[end] as EntryChange<P>).position < next) {
        end++
      }
      const child = (slots[at] as EntryTree<P> | undefined) ?? new EntryTree<P>(this.#level - 1, [])
      const changed = child.#with(changes, i, end, first + at * below)
      slots[at] = changed.size === 0 ? undefined : changed
      i = end
    }
    return new EntryTree(this.#level, slots)
  }

  #raised(level: number): EntryTree<P> {
    return this.#level === level ? this : new EntryTree(this.#level + 1, [this]).#raised(level)
  }
}

/** The tree without entries. */
export const NO_ENTRIES: EntryTree<never> = EntryTree.from<never>([])

/** The entries of a tree as a map of their nodes. */
export class EntryMap implements ReadonlyMap<string, Node> {
  readonly #tree: EntryTree<Bounds>
  readonly #positions: ReadonlyMap<string, number>

  /** `positions` of all keys that were ever in a version of the tree; it may grow, and a position never changes its key. */
  constructor(tree: EntryTree<Bounds>, positions: ReadonlyMap<string, number>) {
    this.#tree = tree
    this.#positions = positions
  }

  get size(): number {
    return this.#tree.size
  }

  get(id: string): Node | undefined {
    const position = this.#positions.get(id)
    return position === undefined ? undefined : this.#tree.at(position)?.node
  }

  has(id: string): boolean {
    return this.get(id) !== undefined
  }

  forEach(visit: (node: Node, id: string, map: ReadonlyMap<string, Node>) => void): void {
    for (const { id, node } of this.#tree) {
      visit(node, id, this)
    }
  }

  *keys(): MapIterator<string> {
    for (const { id } of this.#tree) {
      yield id
    }
  }

  *values(): MapIterator<Node> {
    for (const { node } of this.#tree) {
      yield node
    }
  }

  *entries(): MapIterator<[string, Node]> {
    for (const { id, node } of this.#tree) {
      yield [id, node]
    }
  }

  [Symbol.iterator](): MapIterator<[string, Node]> {
    return this.entries()
  }
}

function grouped<T>(slots: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(slots.length / WIDTH) }, (_, i) => slots.slice(i * WIDTH, (i + 1) * WIDTH))
}

function untilOf(part: Bounds): number {
  return 'until' in part ? part.until : part.expires
}

function endOf(part: Bounds): number {
  return 'ends' in part ? part.ends : part.expires
}

/** Containers on the longest path down in a node, itself included. */
export function depthOf(node: Node): number {
  return typeof node === 'object' && !isKind(node, 'bytes') ? node.depth : 0
}
