/** Longest message in a frame, bytes, without its length. Go's network.MessageSizeMax: 1 << 22. */
export const MAX_FRAME_BYTES: number = 4 * 1024 * 1024

/** Longest record key, bytes. Keys are any bytes, one at least. */
export const MAX_KEY_BYTES: number = 1024

/**
 * Work of a server between two looks at I/O, all streams together, ms: short beside the round trip of a peer on the
 * same continent, long beside the 20 µs that a look takes.
 */
export const MAX_BATCH_MS: number = 5

/** Work of one stream before other peers have a turn, ms. Longer work is done in slices. */
export const SLICE_MS: number = 2

/** From the first byte of a frame to its last, ms. Absolute: a byte now and then does not prolong it. */
export const FRAME_TIMEOUT_MS: number = 10_000

/** Silence between frames after which a server resets the stream, ms. Go peers do so after 60 s; a longer time spares them a failed call. */
export const IDLE_TIMEOUT_MS: number = 120_000

/** From a request to its answer inside a server, ms. */
export const HANDLER_TIMEOUT_MS: number = 10_000

/** From the first byte of an answer to its last, ms. */
export const WRITE_TIMEOUT_MS: number = 10_000

/** Time of a peer to open a stream, and from a client's request to its answer, ms. A Go server dials for up to 5 s per address before it answers. */
export const REQUEST_TIMEOUT_MS: number = 20_000
