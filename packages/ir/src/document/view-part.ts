import { isKind, key as idOf, type Dict, type List, type Node } from '@sr/xr'
import { orderOf } from './order.ts'
import { indexFrom, orderOfId, sortedIds } from './sorted-ids.ts'
import { isExpiry, type Part, type Shown } from './state.ts'

/** What a view shows at one path, or one member of a List. Immutable; made anew by each call that returns it. */
export class ViewPart {
  readonly node: Node
  /** the Dict key under which it stands, or the member; undefined for the root of a view */
  readonly step: Node | undefined
  /** whether it is a List member. What is inside a member or a predicate is no part of its own */
  readonly isMember: boolean
  readonly #part: Part
  #order: string | undefined

  constructor(node: Node, step: Node | undefined, isMember: boolean, part: Part) {
    this.node = node
    this.step = step
    this.isMember = isMember
    this.#part = part
  }

  /** Its place among its siblings: the canonical dag-cbor of `step`, one character per byte; empty for the root. */
  get order(): string {
    return (this.#order ??= this.step === undefined ? '' : orderOf(this.step))
  }

  /** Whether it has no children: a leaf, a member, or an empty container. */
  get isLeaf(): boolean {
    return isExpiry(this.#part) || (this.node as Dict | List).size === 0
  }

  /** The next instant at which it changes by expiry, milliseconds. */
  get next(): number {
    return isExpiry(this.#part) ? this.#part.expires : this.#part.until
  }

  /** Its expiry, or for a container the latest expiry of its content, milliseconds. */
  get ends(): number {
    return isExpiry(this.#part) ? this.#part.expires : this.#part.ends
  }

  /** What stands under a key; undefined unless this is a Dict with that key. */
  child(key: Node): ViewPart | undefined {
    const part = this.#part
    return isExpiry(part) || !isKind(this.node, 'dict') ? undefined : childOf(part, this.node, idOf(key))
  }

  /**
   * The children in the order of `order`, from the first whose order is not before `from` on. A container is sorted when it
   * is first read, O(n log n), and a large Dict again only as far as keys are new.
   */
  *children(from = ''): IterableIterator<ViewPart> {
    const part = this.#part
    if (isExpiry(part)) {
      return
    }
    const node = this.node as Dict | List
    const ids = sortedIds(part, node)
    for (let i = from === '' ? 0 : indexFrom(ids, from, (id) => orderOfId(node, id)); i < ids.length; i++) {
      const child = childOf(part, node, ids[i] as string)
      if (child !== undefined) {
        yield child
      }
    }
  }
}

function childOf({ tree, large, parts }: Shown, node: Dict | List, id: string): ViewPart | undefined {
  if (tree !== undefined && large !== undefined) {
    const position = large.positions.get(id)
    const entry = position === undefined ? undefined : tree.at(position)
    return entry === undefined ? undefined : new ViewPart(entry.node, id, false, entry.part)
  }
  const part = parts?.get(id)
  if (part === undefined) {
    return undefined
  }
  const child = node.byKey().get(id) as Node
  return isKind(node, 'dict')
    ? new ViewPart(child, node.keyNode(id), false, part)
    : new ViewPart(child, child, true, part)
}
