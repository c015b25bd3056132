/** A value of a message: no floats, no tags; integers within ±(2^53 - 1); Maps have text keys. */
export type CborValue =
  | number
  | string
  | Uint8Array
  | boolean
  | null
  | readonly CborValue[]
  | ReadonlyMap<string, CborValue>

/** Limits of one message. */
export interface CborLimits {
  /** lists and maps on the longest path down */
  readonly depth: number
  /** items in total, keys of maps included: the time to decode grows with the items, not with the bytes */
  readonly items: number
}

/** The defaults are those of a request: 100,000 items cost 4.3 ms to decode. */
export const CBOR_LIMITS: CborLimits = Object.freeze({ depth: 8, items: 4096 })
