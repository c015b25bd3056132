import { MAX_FRAME_BYTES } from '@sr/protocol'
import { LIMITS, type Limits } from '@sr/xr'

/**
 * The protocol of the Go peers: one request and one answer at a time; a refusal is a stream reset.
 *
 * @example
 * ```ts
 * import { GO_PROTOCOL } from '@sr/protocol-go'
 *
 * console.log(GO_PROTOCOL) // /ipfs/smart-record/0.0.1
 * ```
 */
export const GO_PROTOCOL: '/ipfs/smart-record/0.0.1' = '/ipfs/smart-record/0.0.1'

/** Most unknown fields of a message: later versions add a few, floods add a million. */
export const MAX_UNKNOWN_FIELDS: number = 64

/** How long an UPDATE's answer may wait for verdicts about reachability on the Go protocol, ms. */
export const EFFECTS_TIMEOUT_MS: number = 5_000

/** Longest life that can be asked of a Go server, s; beyond it its clock arithmetic overflows. */
export const MAX_GO_TTL_S: number = 9_223_372_036

/** Shortest node in the Go form, bytes: `{"Int_IPLD":1}`. */
const MIN_NODE_BYTES = 14

/**
 * Limits of one writer's document when it is read. It is merged from many updates, each within `LIMITS`, so its nodes
 * have no bound of their own. The bound is the frame: as many nodes as 4 MiB of base64 can hold. With a lower one, a
 * single writer could make a record that no client can read.
 */
export const DOCUMENT_LIMITS: Readonly<Limits> = Object.freeze({
  ...LIMITS,
  nodes: Math.floor((MAX_FRAME_BYTES * 3) / 4 / MIN_NODE_BYTES),
  size: MAX_FRAME_BYTES,
})
