import { defineKind } from './inspect.ts'
import { check, depthOf, depthOver } from './check.ts'
import { CONTENT, markUnordered, TO_JSON } from './content.ts'
import { XrError } from './errors.ts'
import { key } from './key.ts'
import { kindOrNone } from './kind.ts'
import type { Dict as DictNode, Json, Node } from './node.ts'
import { print } from '../text/print.ts'

/** A Dict as a type; the value {@link Dict} makes them. */
export type Dict = DictNode

/** What makes Dicts: the value `Dict`. */
export interface DictClass {
  /** The Dict without entries. */
  readonly empty: Dict
  /**
   * A Dict of key and value pairs.
   *
   * @throws XrError `XR_DUPLICATE` for two equal keys; `XR_KIND`, `XR_VALUE`, `XR_INT` for a
   * key or value that is not a node; `XR_DEPTH`
   */
  from(entries: Iterable<readonly [Node, Node]>): Dict
  /** Whether a value is a Dict, of this copy of the package or of another. */
  [Symbol.hasInstance](value: unknown): value is Dict
}

const Entries = class Dict implements DictNode {
  /** containers on the longest path down, this one included */
  readonly depth: number
  readonly [CONTENT]: ReadonlyMap<string, Node>
  readonly toJSON: () => Json = TO_JSON
  readonly #names: ReadonlyMap<string, Node> | undefined
  #sorted: boolean

  static {
    defineKind(Dict.prototype, 'dict')
    markUnordered(Dict.prototype, 'KEYED')
  }

  static readonly empty: DictNode = new Dict(new Map(), undefined, 1, true)

  constructor(
    values: ReadonlyMap<string, Node>,
    names: ReadonlyMap<string, Node> | undefined,
    depth: number,
    sorted: boolean,
  ) {
    this[CONTENT] = values
    this.#names = names
    this.depth = depth
    this.#sorted = sorted
  }

  static [Symbol.hasInstance](value: unknown): value is DictNode {
    return kindOrNone(value) === 'dict'
  }

  static isSorted(dict: DictNode): boolean {
    return #sorted in dict && dict.#sorted
  }

  static markSorted(dict: DictNode): void {
    if (#sorted in dict) {
      dict.#sorted = true
    }
  }

  static from(entries: Iterable<readonly [Node, Node]>): Dict {
    const values = new Map<string, Node>()
    let names: Map<string, Node> | undefined
    let depth = 0
    let count = 0
    for (const [name, value] of entries) {
      const checked = check(name)
      const id = key(checked)
      const node = check(value)
      values.set(id, node)
      if (values.size !== ++count) {
        throw new XrError('XR_DUPLICATE', 'duplicate Dict key', { path: [checked] })
      }
      if (id !== checked) {
        names ??= new Map<string, Node>()
        names.set(id, checked)
        depth = Math.max(depth, depthOf(checked))
      }
      depth = Math.max(depth, depthOf(node))
    }
    return new Dict(values, names, depthOver(depth), false)
  }

  /** number of entries */
  get size(): number {
    return this[CONTENT].size
  }

  /** Whether every key is a String that does not begin with NUL: then canonical keys and keys are the same strings. */
  get plainKeys(): boolean {
    return this.#names === undefined
  }

  /** The value under a key, or undefined. */
  get(name: Node): Node | undefined {
    return this[CONTENT].get(key(name))
  }

  /** Whether the Dict has a key. */
  has(name: Node): boolean {
    return this[CONTENT].has(key(name))
  }

  /** The keys, in order. */
  *keys(): IterableIterator<Node> {
    for (const id of this[CONTENT].keys()) {
      yield this.#names?.get(id) ?? id
    }
  }

  /** The values, in order. */
  values(): IterableIterator<Node> {
    return this[CONTENT].values()
  }

  /** Key and value, in order. */
  *entries(): IterableIterator<[Node, Node]> {
    for (const [id, value] of this[CONTENT]) {
      yield [this.#names?.get(id) ?? id, value]
    }
  }

  /** Canonical key and value, in order. */
  byKey(): ReadonlyMap<string, Node> {
    return this[CONTENT]
  }

  /** The key node of a canonical key of this Dict. */
  keyNode(id: string): Node {
    return this.#names?.get(id) ?? id
  }

  /** The text syntax, on one line. */
  toString(): string {
    return print(this)
  }

  [Symbol.iterator](): IterableIterator<[Node, Node]> {
    return this.entries()
  }
}

/**
 * A map whose keys are nodes of any kind, in the order in which they were added. Keys are unique;
 * equality ignores the order. Immutable; `get` is O(1).
 *
 * @example
 * ```ts
 * import { Dict } from '@sr/xr'
 *
 * const ports = Dict.from([['web', 443n], [22n, 'ssh']])
 * console.log(ports.get('web'), ports.get(22n)) // 443n ssh
 * ```
 */
export const Dict: DictClass = Entries

/**
 * A Dict of entries that were checked already, each under its canonical key. `names` holds the key nodes that are not
 * their own canonical key, or is undefined without any. The maps must not change afterwards.
 */
export function dictOf(
  values: ReadonlyMap<string, Node>,
  names: ReadonlyMap<string, Node> | undefined,
  depth: number,
  sorted: boolean,
): Dict {
  return new Entries(values, names, depth, sorted)
}

/** Whether a Dict is known to hold its entries in canonical order. */
export function isSorted(dict: Dict): boolean {
  return Entries.isSorted(dict)
}

/** Records that a Dict holds its entries in canonical order. */
export function markSorted(dict: Dict): void {
  Entries.markSorted(dict)
}
