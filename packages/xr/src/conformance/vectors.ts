import type { Limits } from '../model/limits.ts'

/**
 * A node independent of any codec, as one member named after its kind: Ints as decimal digits, Floats as
 * the hex of their 64 bits, Bytes as hex.
 */
export type Spec =
  | { readonly bool: boolean }
  | { readonly string: string }
  | { readonly int: string }
  | { readonly float: string }
  | { readonly bytes: string }
  | { readonly list: readonly Spec[] }
  | { readonly dict: ReadonlyArray<readonly [Spec, Spec]> }
  | {
      readonly predicate: {
        readonly tag: string
        readonly positional: readonly Spec[]
        readonly named: ReadonlyArray<readonly [Spec, Spec]>
      }
    }

/** A value in every form. */
export interface ValueVector {
  readonly name: string
  readonly spec: Spec
  /** the output of `print`, on one line */
  readonly text: string
  /** hex */
  readonly dagCbor: string
  readonly dagJson: string
  /** hex: natural dag-cbor with List members sorted, the identity of the value */
  readonly canonical: string
  /** bytes in natural dag-cbor */
  readonly size: number
  readonly nodes: number
  readonly depth: number
}

/** Bytes that a codec refuses. */
export interface RefusedVector {
  readonly name: string
  /** hex */
  readonly bytes: string
  /** the same as text, where it is text */
  readonly json?: string
  readonly code: string
  readonly reason: string
  /** well-formed and canonical IPLD, which other tools accept; this data model is stricter */
  readonly design?: true
}

/** Another way to write a value in the text syntax. */
export interface SpellingVector {
  readonly name: string
  readonly text: string
  /** the output of `print` for the value */
  readonly prints: string
}

/** A text that does not parse. */
export interface RefusedTextVector {
  readonly name: string
  readonly text: string
  readonly code: string
  /** from 1 */
  readonly line: number
  /** UTF-16 units, from 1 */
  readonly column: number
  readonly reason: string
}

/** A document under limits; the verdict is the same in every form. */
export interface LimitVector {
  readonly name: string
  readonly limits: Partial<Limits>
  readonly spec: Spec
  /** `accepted`, or the code of the refusal */
  readonly verdict: string
}
