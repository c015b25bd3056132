import type { Node, Path } from '@sr/xr'

/** Client → server. `v1` is the Go peer of `/smart-record/1.0.0`. */
export const RECORD_PAIRINGS = ['ours → v1', 'v1 → ours', 'v1 → v1'] as const
export type RecordPairing = (typeof RECORD_PAIRINGS)[number]

/** A server of `/smart-record/1.0.0`, with an address for each transport. */
export interface RecordServer {
  readonly id: string
  readonly addresses: Readonly<Record<Transport, string>>
  close(): Promise<void>
}

export const TRANSPORTS = ['tcp', 'ws'] as const
export type Transport = (typeof TRANSPORTS)[number]

/** Of the keys of clients, besides Ed25519. */
export type KeyType = 'secp256k1' | 'rsa'

/** The state of a record on one server. */
export interface Revision {
  readonly epoch: Uint8Array
  readonly counter: number
}

/** An update that the client signs, or one that the server stamps. */
export type Item =
  | { readonly signed: Uint8Array; readonly ifSeq?: number }
  | { readonly key: Uint8Array; readonly body: Node; readonly ttl: number; readonly ifSeq?: number }

/** A success, or the name of the status and the highest seq in it. */
export type Result =
  | { readonly stored: boolean; readonly seq: number; readonly counter: number }
  | { readonly refused: string; readonly seq: number | undefined }

/** One writer's document; times are ms since 1970. */
export interface DocumentView {
  readonly node: Node
  readonly signed: boolean
  readonly next: number | undefined
  readonly ends: number | undefined
}

/** What a record shows, all pages joined. */
export interface Shown {
  readonly revision: Revision
  readonly unchanged: boolean
  readonly documents: ReadonlyMap<string, DocumentView>
  /** undefined when the client does not tell */
  readonly pages?: number
}

export interface ReadOptions {
  readonly have?: Revision
  readonly at?: Path
  readonly writers?: readonly string[]
  /** of one page; a client may choose its own */
  readonly pageBytes?: number
}

export interface Event {
  readonly cause: 'set' | 'removed' | 'expired' | 'renewed'
  readonly isMember: boolean
  readonly path: Path
  readonly value: Node | undefined
}

/** A part of a watch, of any kind; only what its kind has is there. */
export interface Part {
  readonly kind: 'snapshot' | 'marker' | 'changes' | 'gap' | 'reset' | 'updates'
  readonly counter?: number
  readonly revision?: Revision
  readonly why?: string
  readonly documents?: ReadonlyArray<{ readonly writer: string; readonly node: Node }>
  readonly changes?: ReadonlyArray<{ readonly writer: string; readonly events: readonly Event[] }>
  readonly updates?: readonly Uint8Array[]
}

export interface WatchOptions {
  readonly at?: Path
  readonly writers?: readonly string[]
  readonly as?: 'view' | 'updates'
  readonly renewed?: boolean
  readonly from?: Revision
  /** default: more than a row needs */
  readonly credit?: number
}

export interface Watch {
  /** The next part, or the name of the status at the end. Throws after 10 s. */
  next(): Promise<Part | string>
  /** Ends it; no end is reported by a client that does not tell. */
  cancel(): Promise<string | undefined>
}

/** What a verifier found in an envelope. */
export type Verdict =
  | { readonly writer: string; readonly key: string; readonly seq: number; readonly body: Node; readonly hash: string }
  | { readonly refused: string }

/** What came back for bytes that were made by hand. */
export interface RawAnswer {
  readonly frames: readonly Uint8Array[]
  /** whether the server ended its side */
  readonly ended: boolean
}

/** How the expiry of what a peer signs is given: ms from the time in its seq. */
export interface SignFields {
  readonly key: Uint8Array
  readonly body: Node
  readonly lifeMs: number
  readonly network?: string
  readonly retainMs?: number
}

/** A client of one server, on one stream. */
export interface RecordClient {
  readonly id: string
  update(items: readonly Item[]): Promise<readonly Result[]>
  get(key: Uint8Array, options?: ReadOptions): Promise<Shown>
  getUpdates(key: Uint8Array): Promise<readonly Uint8Array[]>
  watch(key: Uint8Array, options?: WatchOptions): Promise<Watch>
  ping(): Promise<number>
  info(): Promise<{
    readonly id: string
    readonly network: string
    readonly merge: string
    readonly can: readonly string[]
  }>
  sign(fields: SignFields): Promise<Uint8Array>
  verify(envelope: Uint8Array): Promise<Verdict>
  /** Sends bytes on a stream of their own, and reads so many frames, or up to the end. */
  raw(bytes: Uint8Array, frames: number): Promise<RawAnswer>
  close(): Promise<void>
}

/** Name of the network of all rows. */
export const NETWORK = 'interop'

/** Longest that a part or an answer takes, ms. */
export const ANSWER_MS = 10_000
