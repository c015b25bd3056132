import type { Node } from '@sr/xr'

/** What inputs look like, which decides how they are changed; a record is JSON with documents in base64. */
export type Shape = 'cbor' | 'json' | 'text' | 'record' | 'protobuf'

/** A decoder under test, and the properties it must have. */
export interface Target {
  readonly name: string
  readonly shape: Shape
  /** bytes that most inputs should not exceed: small ones run faster and show nearly as much */
  readonly most: number
  /**
   * Decodes an input and checks every property of the node or error that results. Slow checks are
   * spread over the turns; `EVERY` does all of them.
   *
   * @returns the node, when the input was accepted and stands for one
   * @throws Fault when a property does not hold
   */
  run(input: Uint8Array, turn: number): Outcome
  /** Only decodes, with no look at what comes of it: for its time. */
  decode(input: Uint8Array): void
  /** Ways to write an input that stands for a node; none where it is no nodes that are decoded. */
  readonly writers: ReadonlyArray<(node: Node) => Uint8Array>
}

/** What became of an input. */
export interface Outcome {
  accepted: boolean
  node?: Node
}

/** The turn in which all checks are made. */
export const EVERY = -1

export const REFUSED: Outcome = { accepted: false }

/** Whether a check that is made once in so many turns is made in this one. */
export function due(turn: number, which: number, of: number): boolean {
  return turn === EVERY || turn % of === which
}
