import type { Spec } from '../../src/conformance/vectors.ts'

/**
 * A value of the IPLD data model that tells Ints from Floats. The oracle reads and writes documents
 * by cborg and by rules of its own, so that it shares no code with what it judges.
 */
export type Ipld =
  | { readonly kind: 'null' }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  /** the CID's canonical string */
  | { readonly kind: 'link'; readonly value: string }
  | { readonly kind: 'list'; readonly value: readonly Ipld[] }
  | { readonly kind: 'map'; readonly value: ReadonlyArray<readonly [string, Ipld]> }

export const NULL: Ipld = { kind: 'null' }

/** What the oracle throws: the reason a document is refused. */
export class Refused extends Error {}

/** How the oracle reads and writes one form. */
export interface Oracle {
  read(bytes: Uint8Array): Ipld
  write(value: Ipld): Uint8Array
}

/** The verdict of the oracle: the value, or undefined when the document is refused. */
export type Verdict = Spec | undefined
