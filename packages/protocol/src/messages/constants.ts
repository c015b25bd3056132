/** The protocol's id, as negotiated by multistream-select. */
export const RECORD_PROTOCOL = '/smart-record/1.0.0'

/** Longest message of this protocol, bytes. Larger records go out in pages. */
export const MAX_MESSAGE_BYTES: number = 1024 * 1024

/** Greatest id of a request: 2^32 - 1. */
export const MAX_REQUEST_ID: number = 2 ** 32 - 1

/** Most items of an update, writers of a read, and tags of a query. */
export const MAX_ITEMS = 256
export const MAX_WRITERS = 256
export const MAX_TAGS = 16

/** Shortest and longest peer id, bytes: a multihash of SHA-256, or of a public key. */
export const MIN_PEER_BYTES = 34
export const MAX_PEER_BYTES = 64

/** Bytes of a page: default, least and most. */
export const PAGE_BYTES: number = 64 * 1024
export const MIN_PAGE_BYTES = 1024
export const MAX_PAGE_BYTES: number = 512 * 1024

/** Most rows of a page of a query. */
export const MAX_ROWS = 500

/** Longest cursor, bytes. */
export const MAX_CURSOR_BYTES: number = 256 * 1024

/** Longest time that a request may ask for, ms, and the time it has without asking. */
export const MAX_REQUEST_MS = 60_000
export const REQUEST_MS = 10_000

/** Least bytes that a watch may be given at once; 0 asks for a marker. */
export const MIN_CREDIT_BYTES = 1024

/** Requests and controls by the number that stands behind the id. */
export const OPS = {
  update: 1,
  get: 2,
  query: 3,
  watch: 4,
  explain: 5,
  info: 6,
  ping: 7,
  cancel: 8,
  credit: 9,
} as const

/** What stands behind the id in what a server sends; from 16 on it is the code of a refusal. */
export const ANSWER = 0
export const PART = 1
/** Behind the id 0: information about the stream, to be ignored by a client that does not know it. */
export const INFORMATION = 1

/** Kinds of parts of a watch. */
export const PART_KINDS = { snapshot: 0, marker: 1, changes: 2, gap: 3, reset: 4, updates: 5 } as const

/** Causes of an event; `MEMBER` is added when the value is a member of the List at the path. */
export const CAUSES = ['set', 'removed', 'expired', 'renewed'] as const
export const MEMBER = 4

/** Why a watch begins anew. */
export const RESET_REASONS = ['unknown-epoch', 'too-old', 'too-large'] as const

/** Flags of a result. */
export const RESULT_FLAGS = { stored: 1, changed: 2, forked: 4 } as const

/** Flags of a document, of changes and of a row. */
export const DOCUMENT_FLAGS = { signed: 1, forked: 2, goesOn: 4, member: 8 } as const

/** What a grammar says about a predicate. */
export const TAG_STATUSES = ['understood', 'malformed', 'unknown'] as const
