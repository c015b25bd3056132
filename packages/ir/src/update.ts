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

/** What a writer says at one moment. */
export interface Update extends Stamp {
  /** when what this update says ends, milliseconds since 1970 */
  readonly expires: number
  /** until when the memory of what it replaced is kept, milliseconds; not before any expiry in it */
  readonly retain: number
  /** a Dict, `$set(Dict)` or `$remove()` */
  readonly body: Node
}

/** Order of two stamps: negative when `a` comes first. */
export function compareStamps (a: Stamp, b: Stamp): number {
  return a.seq - b.seq || (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0)
}
