import type { Node } from './node.ts'

/**
 * A way down into a node: at a Dict the key, at a List the position as a bigint, at a Predicate a
 * position as a bigint or the name of an argument.
 *
 * @example
 * ```ts
 * import { from, get } from '@sr/xr'
 *
 * console.log(get(from({ peers: ['ann', 'bob'] }), 'peers', 1n)) // bob
 * ```
 */
export type Path = readonly Node[]
