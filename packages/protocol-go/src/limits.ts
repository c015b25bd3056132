import { MAX_FRAME_BYTES } from '@sr/protocol'
import { LIMITS, type Limits } from '@sr/xr'

/**
 * The protocol of the Go peers: one request and one answer at a time, errors as stream resets.
 *
 * @example
 * ```ts
 * import { GO_PROTOCOL } from '@sr/protocol-go'
 *
 * console.log(GO_PROTOCOL) // /ipfs/smart-record/0.0.1
 * ```
 */
export const GO_PROTOCOL: '/ipfs/smart-record/0.0.1' = '/ipfs/smart-record/0.0.1'

/** Unknown fields a message may carry before it is refused: later versions add a few, floods add a million. */
export const MAX_UNKNOWN_FIELDS: number = 64

/** How long an UPDATE's answer may wait for verdicts about reachability on the Go protocol, ms. */
export const EFFECTS_TIMEOUT_MS: number = 5_000

/** Longest life that can be asked of a Go server, s; beyond it its clock arithmetic overflows. */
export const MAX_GO_TTL_S: number = 9_223_372_036

/** Shortest node in the Go form, bytes: `{"Int_IPLD":1}`. Not even a comma has to stand between two. */
const MIN_NODE_BYTES = 14

/**
 * What one writer's document may be when it is read. It is the join of many updates, each under
 * `LIMITS`, and what a server holds is counted in slots, of which a predicate with all its arguments
 * is one: no number of nodes bounds a lawful document. So the frame does: as many nodes as four
 * mebibytes of base64 hold. With fewer, one writer could make a record that nobody reads.
 */
export const DOCUMENT_LIMITS: Readonly<Limits> = Object.freeze({
  ...LIMITS,
  nodes: Math.floor((MAX_FRAME_BYTES * 3) / 4 / MIN_NODE_BYTES),
  size: MAX_FRAME_BYTES,
})
