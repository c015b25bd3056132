import type { Node } from '@sr/xr'

/**
 * The total order of one writer's updates: `seq`, and between equal seqs the hash of the signed
 * payload. No two updates compare equal; an update's identity is its payload, never its envelope.
 */
export interface Stamp {
  /** the writer's hybrid logical clock, microseconds since 1970, below 2^53 */
  readonly seq: number
  /** SHA-256 of the payload, 64 lower-case hex digits */
  readonly hash: string
}

/** An update without its hash, which is known once the update is encoded. */
export interface UpdateDraft {
  /** the writer's hybrid logical clock, microseconds since 1970, below 2^53 */
  readonly seq: number
  /** when what this update says ends, milliseconds since 1970 */
  readonly expires: number
  /** until when the memory of what it replaced is kept, milliseconds; not before any expiry in it */
  readonly retain: number
  /** a Dict, `$set(Dict)` or `$remove()` */
  readonly body: Node
}

/** What a writer states at one moment. */
export interface Update extends UpdateDraft, Stamp {}

/** Furthest that `retain` may lie after the seq time: 30 days, in milliseconds. Form, the same for every replica. */
export const MAX_RETAIN_MS: number = 30 * 24 * 60 * 60 * 1000

/**
 * Order of two stamps: negative when `a` comes first.
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
 * The instant a seq stands for, in whole milliseconds: where every `$ttl` of the update counts from.
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
