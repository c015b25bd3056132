import type { Dict } from './dict.ts'
import type { List } from './list.ts'
import type { Predicate } from './predicate.ts'

/**
 * Any value of the data model. Five kinds are native JavaScript values, three are classes:
 * Bool `boolean`, String `string` (well-formed Unicode), Int `bigint` (up to 1024 bits),
 * Float `number` (finite; -0 counts as 0), Bytes `Uint8Array`, and `List`, `Dict`, `Predicate`.
 */
export type Node = boolean | string | bigint | number | Uint8Array | List | Dict | Predicate

/** The name of each of the eight kinds. */
export type Kind = 'bool' | 'string' | 'int' | 'float' | 'bytes' | 'list' | 'dict' | 'predicate'

/** The JavaScript type that stands for each kind. */
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
 * The property by which the three container classes name their kind. A registered symbol, so
 * that two copies of this package in one program still know each other's nodes.
 */
export const KIND: unique symbol = Symbol.for('@sr/xr/kind') as never
