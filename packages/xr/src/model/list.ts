import { defineKind } from './inspect.ts'
import { check, depthOf, depthOver } from './check.ts'
import { CONTENT, markUnordered, TO_JSON } from './content.ts'
import { XrError } from './errors.ts'
import { key } from './key.ts'
import { kindOrNone } from './kind.ts'
import type { Json, List as ListNode, Node } from './node.ts'
import { print } from '../text/print.ts'

/** A List as a type; the value {@link List} makes them. */
export type List = ListNode

/** What makes Lists: the value `List`. */
export interface ListClass {
  /**
   * A List of the given members; of equal ones the first is kept.
   *
   * @throws XrError `XR_KIND`, `XR_VALUE`, `XR_INT` for a member that is not a node, `XR_DEPTH`
   */
  of(...members: Node[]): List
  /**
   * A List of the members of an iterable. Equal members collapse to the first, or are refused
   * with `unique`.
   *
   * @throws XrError as {@link List.of}, and `XR_DUPLICATE` with `unique`
   */
  from(members: Iterable<Node>, options?: { unique?: boolean }): List
  /** Whether a value is a List, of this copy of the package or of another. */
  [Symbol.hasInstance](value: unknown): value is List
}

const Members = class List implements ListNode {
  /** containers on the longest path down, this one included */
  readonly depth: number
  readonly [CONTENT]: Map<string, Node>
  readonly toJSON: () => Json = TO_JSON
  #order: readonly Node[] | undefined

  static {
    defineKind(List.prototype, 'list')
    markUnordered(List.prototype, 'SET')
  }

  constructor(members: Map<string, Node>, depth: number) {
    this[CONTENT] = members
    this.depth = depth
  }

  static of(...members: Node[]): List {
    return List.from(members)
  }

  static [Symbol.hasInstance](value: unknown): value is ListNode {
    return kindOrNone(value) === 'list'
  }

  static from(members: Iterable<Node>, options: { unique?: boolean } = {}): List {
    const map = new Map<string, Node>()
    let depth = 0
    let position = 0n
    for (const member of members) {
      const node = check(member)
      const name = key(node)
      if (!map.has(name)) {
        map.set(name, node)
        depth = Math.max(depth, depthOf(node))
      } else if (options.unique === true) {
        throw new XrError('XR_DUPLICATE', 'duplicate List member', { path: [position] })
      }
      position++
    }
    return new List(map, depthOver(depth))
  }

  /** number of members */
  get size(): number {
    return this[CONTENT].size
  }

  /** Whether the List has a member equal to `node`. */
  has(node: Node): boolean {
    return this[CONTENT].has(key(node))
  }

  /** The member at a position from 0, or undefined beyond the end. */
  at(position: number): Node | undefined {
    this.#order ??= [...this[CONTENT].values()]
    return this.#order[position]
  }

  /** Canonical key and member, in order. */
  byKey(): ReadonlyMap<string, Node> {
    return this[CONTENT]
  }

  /** The text syntax, on one line. */
  toString(): string {
    return print(this)
  }

  [Symbol.iterator](): IterableIterator<Node> {
    return this[CONTENT].values()
  }
}

/**
 * A set of nodes in the order in which they were added. Members are unique; equality and merge ignore
 * the order. Immutable; `has` is O(1).
 *
 * @example
 * ```ts
 * import { List, equal } from '@sr/xr'
 *
 * console.log(equal(List.of('a', 'b'), List.of('b', 'a'))) // true
 * console.log(List.of('a', 'b', 'a').size) // 2
 * ```
 */
export const List: ListClass = Members

/** A List of members that were checked already, each under its canonical key. */
export function listOf(members: Map<string, Node>, depth: number): List {
  return new Members(members, depth)
}
