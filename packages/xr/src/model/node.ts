/**
 * Any value of the data model. Five kinds are native JavaScript values, three are classes:
 * Bool `boolean`, String `string` (well-formed Unicode), Int `bigint` (up to 1024 bits),
 * Float `number` (finite; -0 counts as 0), Bytes `Uint8Array`, and `List`, `Dict`, `Predicate`.
 *
 * The containers are declared here as interfaces and implemented in other files, so that this file has no imports.
 */
export type Node = boolean | string | bigint | number | Uint8Array | List | Dict | Predicate

/** A List: a set of nodes in the order in which they were added. Immutable. */
export interface List extends Iterable<Node> {
  /** containers on the longest path down, this one included */
  readonly depth: number
  /** number of members */
  readonly size: number
  /** Whether the List has a member equal to `node`. */
  has(node: Node): boolean
  /** The member at a position from 0, or undefined beyond the end. */
  at(position: number): Node | undefined
  /** Canonical key and member, in order. */
  byKey(): ReadonlyMap<string, Node>
  /** The text syntax, on one line. */
  toString(): string
  /** For `JSON.stringify`: readable, and not meant to be read back. */
  toJSON(): Json
  [Symbol.iterator](): IterableIterator<Node>
}

/** A Dict: a map whose keys are nodes of any kind, in the order in which they were added. Immutable. */
export interface Dict extends Iterable<[Node, Node]> {
  /** containers on the longest path down, this one included */
  readonly depth: number
  /** number of entries */
  readonly size: number
  /** Whether every key is a String that does not begin with NUL: then canonical keys and keys are the same strings. */
  readonly plainKeys: boolean
  /** The value under a key, or undefined. */
  get(name: Node): Node | undefined
  /** Whether the Dict has a key. */
  has(name: Node): boolean
  /** The keys, in order. */
  keys(): IterableIterator<Node>
  /** The values, in order. */
  values(): IterableIterator<Node>
  /** Key and value, in order. */
  entries(): IterableIterator<[Node, Node]>
  /** Canonical key and value, in order. */
  byKey(): ReadonlyMap<string, Node>
  /** The key node of a canonical key of this Dict. */
  keyNode(id: string): Node
  /** The text syntax, on one line. */
  toString(): string
  /** For `JSON.stringify`: readable, and not meant to be read back. */
  toJSON(): Json
  [Symbol.iterator](): IterableIterator<[Node, Node]>
}

/** A Predicate: a named statement with arguments. Immutable. */
export interface Predicate {
  readonly tag: string
  readonly positional: readonly Node[]
  readonly named: Dict
  /** containers on the longest path down, this one included */
  readonly depth: number
  /** The text syntax, on one line. */
  toString(): string
  /** For `JSON.stringify`: readable, and not meant to be read back. */
  toJSON(): Json
}

/** What `JSON.stringify` shows of a node. */
export type Json = boolean | string | number | Json[] | { [name: string]: Json }

/** The name of each of the eight kinds. */
export type Kind = 'bool' | 'string' | 'int' | 'float' | 'bytes' | 'list' | 'dict' | 'predicate'

/** The JavaScript type of each kind. */
export interface KindTypes {
  bool: boolean
  string: string
  int: bigint
  float: number
  bytes: Uint8Array
  list: List
  dict: Dict
  predicate: Predicate
}

/** The kind of a JavaScript type: `KindOf<bigint>` is `'int'`, `KindOf<Node>` all eight. */
export type KindOf<N extends Node> = N extends unknown
  ? { [K in Kind]: N extends KindTypes[K] ? K : never }[Kind]
  : never

/**
 * The property that holds the kind of a container. A registered symbol, so that two copies of this
 * package in one program recognise each other's nodes.
 */
export const KIND: unique symbol = Symbol.for('@sr/xr/kind') as never
