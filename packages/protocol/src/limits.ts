import { LIMITS, type Limits } from '@sr/xr'

/** Longest message in a frame, bytes, without its length. Go's network.MessageSizeMax: 1 << 22. */
export const MAX_FRAME_BYTES: number = 4 * 1024 * 1024

/** Longest record key, bytes. Keys are any bytes, one at least. */
export const MAX_KEY_BYTES: number = 1024

/** Unknown fields a message may carry before it is refused: later versions add a few, floods add a million. */
export const MAX_UNKNOWN_FIELDS: number = 64

/** Frames handled in one turn of the event loop before others get theirs. */
export const MAX_FRAMES_PER_TURN: number = 64

/** Time spent on frames in one turn of the event loop, ms. */
export const MAX_TURN_MS: number = 2

/** From the first byte of a frame to its last, ms. Absolute: a byte now and then does not prolong it. */
export const FRAME_TIMEOUT_MS: number = 10_000

/** Silence between frames after which a server resets the stream, ms. Go peers do so after 60 s; longer is kinder to them. */
export const IDLE_TIMEOUT_MS: number = 120_000

/** From a request to its answer inside a server, ms. */
export const HANDLER_TIMEOUT_MS: number = 10_000

/** From the first byte of an answer to its last, ms. */
export const WRITE_TIMEOUT_MS: number = 10_000

/** How long an UPDATE's answer may wait for verdicts about reachability on the Go protocol, ms. */
export const EFFECTS_TIMEOUT_MS: number = 5_000

/** From a client's call to its answer, ms. A Go server dials for up to 5 s per address before it answers. */
export const REQUEST_TIMEOUT_MS: number = 20_000

/** Longest life a server grants by default, s: 72 hours. */
export const MAX_TTL_S: number = 72 * 60 * 60

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
