import { brand } from './brand.ts'
import { check, depthOf, depthOver } from './check.ts'
import { XrError } from './errors.ts'
import { key } from './key.ts'
import type { Node } from './node.ts'
import { print } from './text/print.ts'
import { type Json, toJson } from './to-json.ts'

/**
 * How a Dict is made from entries that were checked and keyed already; for this package's decoders.
 * `names` holds the key nodes that are not their own canonical key, or is undefined when there are none.
 */
export let adoptDict: (
  values: Map<string, Node>,
  names: Map<string, Node> | undefined,
  depth: number,
  sorted: boolean,
) => Dict

/** Whether the entries are known to stand in canonical order, and how to note that they do. */
export let sortedDict: { is: (dict: Dict) => boolean; note: (dict: Dict) => void }

/**
 * A map whose keys are nodes of any kind. Keys are unique; equality ignores the order, which is
 * kept as it was given. Immutable; `get` is O(1).
 *
 * @example
 * ```ts
 * import { Dict } from '@sr/xr'
 *
 * const ports = Dict.from([['web', 443n], [22n, 'ssh']])
 * console.log(ports.get('web'), ports.get(22n)) // 443n ssh
 * ```
 */
export class Dict implements Iterable<[Node, Node]> {
  /** containers on the way to the deepest node, this one counted */
  readonly depth: number
  readonly #values: Map<string, Node>
  readonly #names: Map<string, Node> | undefined
  #sorted: boolean

  static {
    brand(Dict.prototype, 'dict')
    adoptDict = (values, names, depth, sorted) => new Dict(values, names, depth, sorted)
    sortedDict = {
      is: (dict) => dict.#sorted,
      note: (dict) => {
        dict.#sorted = true
      },
    }
  }

  /** The Dict without entries. */
  static readonly empty: Dict = new Dict(new Map(), undefined, 1, true)

  private constructor(values: Map<string, Node>, names: Map<string, Node> | undefined, depth: number, sorted: boolean) {
    this.#values = values
    this.#names = names
    this.depth = depth
    this.#sorted = sorted
  }

  /**
   * A Dict of key and value pairs.
   *
   * @throws XrError `XR_DUPLICATE` for two equal keys; `XR_KIND`, `XR_VALUE`, `XR_INT` for what is
   * no node; `XR_DEPTH`
   */
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
        throw new XrError('XR_DUPLICATE', 'a Dict holds each key once', { path: [checked] })
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
    return this.#values.size
  }

  /** Whether every key is a String that does not begin with NUL: then canonical keys and keys are the same strings. */
  get plainKeys(): boolean {
    return this.#names === undefined
  }

  /** The value under a key, or undefined. */
  get(name: Node): Node | undefined {
    return this.#values.get(key(name))
  }

  /** Whether a key is here. */
  has(name: Node): boolean {
    return this.#values.has(key(name))
  }

  /** The keys, in order. */
  *keys(): IterableIterator<Node> {
    for (const id of this.#values.keys()) {
      yield this.#names?.get(id) ?? id
    }
  }

  /** The values, in order. */
  values(): IterableIterator<Node> {
    return this.#values.values()
  }

  /** Key and value, in order. */
  *entries(): IterableIterator<[Node, Node]> {
    for (const [id, value] of this.#values) {
      yield [this.#names?.get(id) ?? id, value]
    }
  }

  /** Canonical key and value, in order. */
  byKey(): ReadonlyMap<string, Node> {
    return this.#values
  }

  /** The key node that a canonical key of this Dict stands for. */
  keyNode(id: string): Node {
    return this.#names?.get(id) ?? id
  }

  /** The text syntax, on one line. */
  toString(): string {
    return print(this)
  }

  /** For `JSON.stringify`: readable, and not meant to be read back. */
  toJSON(): Json {
    return toJson(this)
  }

  [Symbol.iterator](): IterableIterator<[Node, Node]> {
    return this.entries()
  }
}
