import { from, Predicate, type Plain } from '@sr/xr'
import { IrError } from './errors.ts'

/** First character of the tags of operators, which act on a document and are not stored in it. */
export const OPERATOR_SIGN = '$'
/** Tag of the operator created by {@link set}. */
export const SET = '$set'
/** Tag of the operator created by {@link remove}. */
export const REMOVE = '$remove'
/** Tag of the operator created by {@link ttl}. */
export const TTL = '$ttl'

/**
 * Creates `$set(value)`, which replaces everything at the path by the value.
 * Like the other operators it converts the value by `from` of `@sr/xr`: an integral number becomes an Int. For a Float
 * pass `float(20)`; this also applies to a Float that a document returned as the number 20.
 *
 * @throws XrError when `from` of `@sr/xr` refuses the value
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
 * Creates `$remove()`, which empties a path, or `$remove(member)`, which removes a member of a List.
 *
 * @throws XrError when `from` of `@sr/xr` refuses the member
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
 * Creates `$ttl(value, seconds)`: the value, and everything in it without a `$ttl` of its own, expires that long after the
 * seq time.
 *
 * @throws IrError `IR_TTL` when the seconds are not an integer of at least 1; XrError when `from` refuses the value
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
    throw new IrError('IR_TTL', `expected an integer of at least 1 second in $ttl, got ${seconds}`)
  }
  return new Predicate(TTL, [from(value), BigInt(seconds)])
}
