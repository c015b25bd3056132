import type { Node } from './node.ts'

/**
 * The steps from a node to one inside it: in a Dict the key, in a List the position as a bigint, in a
 * Predicate a position as a bigint or the name of an argument.
 *
 * @example
 * ```ts
 * import { from, get } from '@sr/xr'
 *
 * console.log(get(from({ peers: ['ann', 'bob'] }), 'peers', 1n)) // bob
 * ```
 */
export type Path = readonly Node[]
