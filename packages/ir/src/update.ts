import type { Node } from '@sr/xr'

/**
 * The total order of one writer's updates: by `seq`, then by the hash of the signed payload. Distinct updates never
 * compare equal; the identity of an update is its payload, not its envelope.
 */
export interface Stamp {
  /** the writer's hybrid logical clock, microseconds since 1970, below 2^53 */
  readonly seq: number
  /** SHA-256 of the payload, 64 lower-case hex digits */
  readonly hash: string
}

/** An update before it is encoded, and so without its hash. */
export interface UpdateDraft {
  /** the writer's hybrid logical clock, microseconds since 1970, below 2^53 */
  readonly seq: number
  /** expiry of the statements in this update, milliseconds since 1970 */
  readonly expires: number
  /** end of its tombstones, milliseconds since 1970; not before any expiry in the update */
  readonly retain: number
  /** a Dict, `$set(Dict)` or `$remove()` */
  readonly body: Node
}

/** What a writer states at one instant. */
export interface Update extends UpdateDraft, Stamp {}

/** Maximum distance of `retain` from the seq time: 30 days, in milliseconds. Part of the format, equal on every replica. */
export const MAX_RETAIN_MS: number = 30 * 24 * 60 * 60 * 1000

/**
 * Compares two stamps: negative when `a` comes first.
 *
 * @example
 * ```ts
 * import { compareStamps } from '@sr/ir'
 *
 * console.log(compareStamps({ seq: 1, hash: 'ff' }, { seq: 2, hash: '00' }) < 0) // true
 * ```
 */
export function compareStamps(a: Stamp, b: Stamp): number {
  return a.seq - b.seq || (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0)
}

/**
 * Returns the instant of a seq in integer milliseconds, rounded down: the start of every `$ttl` of the update.
 *
 * @example
 * ```ts
 * import { seqTime } from '@sr/ir'
 *
 * console.log(seqTime(1_700_000_000_123_456)) // 1700000000123
 * ```
 */
export function seqTime(seq: number): number {
  return Math.floor(seq / 1000)
}

/** The merge that this package implements: that of `vectors/merge`. Replicas with another version may show other trees. */
export const MERGE_VERSION = 'merge/1'
