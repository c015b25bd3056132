import { Predicate, type Node } from '@sr/xr'

/** Tags that begin with this act on a document and are never stored in it. */
export const OPERATOR_SIGN = '$'
/** Tag of the operator {@link set} makes. */
export const SET = '$set'
/** Tag of the operator {@link remove} makes. */
export const REMOVE = '$remove'
/** Tag of the operator {@link ttl} makes. */
export const TTL = '$ttl'

/**
 * `$set(value)`: the path holds this and nothing else from now on.
 *
 * @example
 * ```ts
 * import { set } from '@sr/ir'
 * import { from, print } from '@sr/xr'
 *
 * console.log(print(from({ profile: set(from({ nick: 'bob' })) }))) // {profile=$set({nick="bob"})}
 * ```
 */
export function set (value: Node): Predicate {
  return new Predicate(SET, [value])
}

/**
 * `$remove()` empties a path; `$remove(member)`, in a List, takes that member out.
 *
 * @example
 * ```ts
 * import { remove } from '@sr/ir'
 * import { from, print } from '@sr/xr'
 *
 * console.log(print(from({ nick: remove(), peers: [remove('ann')] }))) // {nick=$remove() peers=[$remove("ann")]}
 * ```
 */
export function remove (member?: Node): Predicate {
  return new Predicate(REMOVE, member === undefined ? [] : [member])
}

/**
 * `$ttl(value, seconds)`: the value, and all in it that has no `$ttl` of its own, lives that long from the seq time.
 *
 * @example
 * ```ts
 * import { ttl } from '@sr/ir'
 * import { from, print } from '@sr/xr'
 *
 * console.log(print(from({ typing: ttl(true, 5) }))) // {typing=$ttl(true, 5)}
 * ```
 */
export function ttl (value: Node, seconds: number | bigint): Predicate {
  return new Predicate(TTL, [value, BigInt(seconds)])
}
