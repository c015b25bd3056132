import { brand } from './brand.ts'
import { check, depthOf, depthOver } from './check.ts'
import { XrError } from './errors.ts'
import { key } from './key.ts'
import type { Node } from './node.ts'
import { print } from './text/print.ts'
import { type Json, toJson } from './to-json.ts'

/** How a List is made from members that were checked and keyed already; for this package's decoders. */
export let adoptList: (members: Map<string, Node>, depth: number) => List

/**
 * A set of nodes that remembers its order. Members are unique; equality and merge ignore the
 * order. Immutable; `has` is O(1).
 *
 * @example
 * ```ts
 * import { List, equal } from '@sr/xr'
 *
 * console.log(equal(List.of('a', 'b'), List.of('b', 'a'))) // true
 * console.log(List.of('a', 'b', 'a').size) // 2
 * ```
 */
export class List implements Iterable<Node> {
  /** containers on the way to the deepest node, this one counted */
  readonly depth: number
  readonly #members: Map<string, Node>
  #order: readonly Node[] | undefined

  static {
    brand(List.prototype, 'list')
    adoptList = (members, depth) => new List(members, depth)
  }

  private constructor(members: Map<string, Node>, depth: number) {
    this.#members = members
    this.depth = depth
  }

  /**
   * A List of the given members; of equal ones the first stays.
   *
   * @throws XrError `XR_KIND`, `XR_VALUE`, `XR_INT` for a member that is no node, `XR_DEPTH`
   */
  static of(...members: Node[]): List {
    return List.from(members)
  }

  /**
   * A List of the members of an iterable. Equal members collapse to the first, or are refused
   * when `unique` is asked for.
   *
   * @throws XrError as {@link List.of}, and `XR_DUPLICATE` with `unique`
   */
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
        throw new XrError('XR_DUPLICATE', 'a List holds each member once', { path: [position] })
      }
      position++
    }
    return new List(map, depthOver(depth))
  }

  /** number of members */
  get size(): number {
    return this.#members.size
  }

  /** Whether a member equal to `node` is here. */
  has(node: Node): boolean {
    return this.#members.has(key(node))
  }

  /** The member at a position from 0, or undefined beyond the end. */
  at(position: number): Node | undefined {
    this.#order ??= [...this.#members.values()]
    return this.#order[position]
  }

  /** The members' canonical keys, in order. */
  keys(): IterableIterator<string> {
    return this.#members.keys()
  }

  /** Canonical key and member, in order. */
  byKey(): ReadonlyMap<string, Node> {
    return this.#members
  }

  /** The text syntax, on one line. */
  toString(): string {
    return print(this)
  }

  /** For `JSON.stringify`: readable, and not meant to be read back. */
  toJSON(): Json {
    return toJson(this)
  }

  [Symbol.iterator](): IterableIterator<Node> {
    return this.#members.values()
  }
}
