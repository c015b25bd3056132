/** What a message is made of: no floats, no tags; integers within ±(2^53 - 1); Maps have text keys. */
export type CborValue =
  | number
  | string
  | Uint8Array
  | boolean
  | null
  | readonly CborValue[]
  | ReadonlyMap<string, CborValue>

/** How much one message may hold. */
export interface CborLimits {
  /** lists and maps on the way to the deepest item */
  readonly depth: number
  /** items in all, keys of maps included: decoding costs time by the item, not by the byte */
  readonly items: number
}

/** The defaults are those of a request: 100,000 items cost 4.3 ms to decode. */
export const CBOR_LIMITS: CborLimits = Object.freeze({ depth: 8, items: 4096 })
