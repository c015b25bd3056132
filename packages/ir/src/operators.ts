import { from, Predicate, type Plain } from '@sr/xr'
import { IrError } from './errors.ts'

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
 * The value is read as `from` reads it, by the other operators too: a whole number is an Int. For a Float say
 * `float(20)`, also of a Float that came out of a document as the number 20.
 *
 * @throws XrError when the value is none, as `from` of `@sr/xr` does
 * @example
 * ```ts
 * import { set } from '@sr/ir'
 * import { from, print } from '@sr/xr'
 *
 * console.log(print(from({ profile: set({ nick: 'bob' }) }))) // {profile=$set({nick="bob"})}
 * ```
 */
export function set(value: Plain): Predicate {
  return new Predicate(SET, [from(value)])
}

/**
 * `$remove()` empties a path; `$remove(member)`, in a List, takes that member out.
 *
 * @throws XrError when the member is no value, as `from` of `@sr/xr` does
 * @example
 * ```ts
 * import { remove } from '@sr/ir'
 * import { from, print } from '@sr/xr'
 *
 * console.log(print(from({ nick: remove(), ports: [remove(80)] }))) // {nick=$remove() ports=[$remove(80)]}
 * ```
 */
export function remove(member?: Plain): Predicate {
  return new Predicate(REMOVE, member === undefined ? [] : [from(member)])
}

/**
 * `$ttl(value, seconds)`: the value, and all in it that has no `$ttl` of its own, lives that long from the seq time.
 *
 * @throws IrError `IR_TTL` when the seconds are not whole, or fewer than 1; XrError when the value is none
 * @example
 * ```ts
 * import { ttl } from '@sr/ir'
 * import { from, print } from '@sr/xr'
 *
 * console.log(print(from({ typing: ttl(true, 5) }))) // {typing=$ttl(true, 5)}
 * ```
 */
export function ttl(value: Plain, seconds: number | bigint): Predicate {
  if (seconds < 1 || (typeof seconds === 'number' && !Number.isSafeInteger(seconds))) {
    throw new IrError('IR_TTL', 'a $ttl is a whole number of seconds from 1')
  }
  return new Predicate(TTL, [from(value), BigInt(seconds)])
}
