import type { Dict, Limits, Node, Path, Plain, XrError } from '@sr/xr'
import type { Selector } from '@sr/xr/selector'
import type { ByteDuplex } from './duplex.ts'
import type { ProtocolError } from './errors.ts'
import type { ServedPart, ServedRow, TagStatus } from './machine.ts'
import type { ResetReason } from './messages/answer.ts'
import type { Revision } from './messages/request.ts'

/** Options of every request. */
export interface RequestOptions {
  /** ends the call; what was asked may have happened all the same */
  signal?: AbortSignal
}

/** Options of reading a record. */
export interface GetOptions extends RequestOptions {
  /** only these writers; default: all */
  writers?: readonly string[]
  /** the revision that the caller has: what has not changed since is not sent again */
  have?: Revision
  /** most bytes of all pages together; default 16 MiB */
  maxBytes?: number
  /** of each document; the protocol's defaults for those left out */
  limits?: Partial<Limits>
  /** receives the documents that cannot be read; without it one of them fails the whole call, with its writer in the error's path */
  onUnreadable?: (writer: string, error: XrError) => void
}

/** Options of writing a document. */
export interface UpdateOptions extends RequestOptions {
  /** life of what is stated, whole seconds, from 1 */
  ttl: number
  /** the caller's highest seq that the server must have in the record, 0 for none; else it refuses with `E_STALE` */
  ifSeq?: number
}

/** Options of a query. */
export interface QueryOptions extends RequestOptions {
  writers?: readonly string[]
  /** only predicates of these tags; default: every kind of node */
  tags?: readonly string[]
}

/** Options of a watch. */
export interface WatchOptions extends RequestOptions {
  writers?: readonly string[]
  /** only what stands at this path of Dict keys */
  at?: Path
  /** `updates`: the verbatim signed updates in place of snapshots and changes. Default: `view` */
  as?: 'view' | 'updates'
  /** whether to send values that were stated again with another expiry; default: no */
  renewed?: boolean
  /** the last revision received, exclusive; default: begin with a snapshot */
  from?: Revision
  /** bytes that may be on the way to a caller who does not take them; default 262,144 */
  creditBytes?: number
}

/** One writer's document, as a server says that it shows. */
export interface DocumentView<D extends Node = Dict> {
  readonly document: D
  /** the writer's highest seq in the record; 0 when the protocol does not say */
  readonly seq: number
  /** whether every update behind it carries its author's signature: the server's word */
  readonly signed: boolean
  /** whether its writer contradicts itself */
  readonly forked: boolean
  /** when the first and the last of what shows ends, milliseconds since 1970; undefined when the protocol does not say */
  readonly next: number | undefined
  readonly ends: number | undefined
}

/** What a record shows. */
export interface RecordView<D extends Node = Dict> {
  /** undefined when the protocol does not say */
  readonly revision: Revision | undefined
  /** whether the record has not changed since `have`; then `documents` is empty */
  readonly unchanged: boolean
  /** whether the server does not have all of the record yet */
  readonly partial: boolean
  /** by writer */
  readonly documents: ReadonlyMap<string, DocumentView<D>>
}

/** The verbatim signed updates behind a record. */
export interface RecordUpdates {
  readonly revision: Revision
  readonly unchanged: boolean
  readonly partial: boolean
  readonly updates: readonly Uint8Array[]
}

/** What a server answers to an accepted update. */
export interface UpdateReceipt {
  /** false: the server had it already */
  readonly stored: boolean
  /** whether it changed what the record shows */
  readonly changed: boolean
  readonly forked: boolean
  /** the writer's highest seq in the record; 0 when the protocol does not say */
  readonly seq: number
  /** counter of the record's last change */
  readonly counter: number
  /** milliseconds since 1970; undefined when the protocol does not say */
  readonly expires: number | undefined
  /** bytes that the writer is charged for it */
  readonly charge: number
  /** predicates that the server's grammar claims and could not read */
  readonly unread: ReadonlyArray<{ readonly path: Path; readonly tag: string }>
  /** the verbatim update, when the client signed it: any peer can pass it on, and every reader can verify it */
  readonly signed?: Uint8Array
}

/**
 * A part of a watch. A `reset` with why `interrupted` is the client's own: the stream was lost before a snapshot was complete, and
 * another one follows.
 */
export type WatchPart =
  | Exclude<ServedPart, { kind: 'reset' }>
  | {
      readonly kind: 'reset'
      /** undefined when it is not known */
      readonly epoch: Uint8Array | undefined
      readonly why: ResetReason | 'interrupted'
    }

/** An update to submit: signed, from any author; or the caller's own, which the server stamps. */
export type Submission =
  | { readonly signed: Uint8Array; readonly ifSeq?: number | undefined }
  | {
      readonly key: Uint8Array | string
      readonly body: Plain
      readonly ttl: number
      readonly ifSeq?: number | undefined
    }

/** What an update would come to. */
export interface Explanation {
  /** what `update` would return, or the error it would throw */
  readonly result: UpdateReceipt | ProtocolError
  readonly price: number
  readonly tags: ReadonlyArray<{ readonly path: Path; readonly tag: string; readonly status: TagStatus }>
}

/** What a server tells about itself. */
export interface PeerInfo {
  readonly version: string
  readonly peer: string
  readonly network: string
  /** milliseconds since 1970 */
  readonly now: number
  readonly epoch: Uint8Array
  /** version of the merge; replicas with different ones may show different trees */
  readonly merge: string
  readonly can: readonly string[]
  readonly limits: ReadonlyMap<string, number>
  readonly tags: ReadonlyArray<readonly [tag: string, costs: ReadonlyMap<string, number>]>
  /** what the caller may use and uses */
  readonly you: ReadonlyMap<string, number>
}

/**
 * Requests to one peer. All calls throw ProtocolError: codes `E_…` are the server's refusals, `PROTOCOL_…` are found on this side;
 * `PROTOCOL_UNSUPPORTED` for what the protocol does not have.
 */
export interface ClientSession {
  /**
   * What the record under a key shows, by writer.
   *
   * @throws ProtocolError; XrError for a document that cannot be read, unless `onUnreadable` receives it
   */
  get(key: Uint8Array | string, options?: GetOptions): Promise<RecordView>
  /** The same for what stands at a path of Dict keys; writers of whom nothing stands there are left out. */
  getAt(key: Uint8Array | string, at: Path, options?: GetOptions): Promise<RecordView<Node>>
  /** The verbatim signed updates behind a record: a reader verifies and merges them itself. */
  getUpdates(key: Uint8Array | string, options?: Omit<GetOptions, 'limits' | 'onUnreadable'>): Promise<RecordUpdates>
  /** The parts whose path matches a selector, such as `parseSelector('peers/*')` of `@sr/xr/selector`, page by page. */
  query(
    key: Uint8Array | string,
    selector: Selector,
    options?: QueryOptions,
  ): AsyncIterableIterator<ServedRow, undefined>
  /**
   * Watches a record: a snapshot and a marker, then every change in order, or a gap before the changes that lead on. After a lost
   * stream it goes on with the changes since, or begins again with a reset. `return` ends it.
   */
  watch(key: Uint8Array | string, options?: WatchOptions): AsyncIterableIterator<WatchPart, undefined>
  /**
   * Merges `document`, a Dict or what `from` of `@sr/xr` makes one of, into the caller's own document of the record, without a
   * signature.
   *
   * @throws ProtocolError; `applied` is `unknown` when the update was sent and not answered
   */
  update(key: Uint8Array | string, document: Plain, options: UpdateOptions): Promise<UpdateReceipt>
  /** Submits up to 256 updates, each applied whole or not at all; returns a receipt or an error for each, in order. */
  submit(items: readonly Submission[], options?: RequestOptions): Promise<ReadonlyArray<UpdateReceipt | ProtocolError>>
  /** What an update would come to. It changes nothing. */
  explain(item: Submission, options?: RequestOptions): Promise<Explanation>
  info(options?: RequestOptions): Promise<PeerInfo>
  /** The server's time, milliseconds since 1970. */
  ping(options?: RequestOptions): Promise<number>
  /** Ends the streams; requests under way fail with `PROTOCOL_SHUTDOWN`. The next request opens another. */
  close(): void
  /** Finds out whether the stream still works, such as after sleep: one that does not answer is replaced. */
  check?(): void
  /** Whether no request is under way, and no stream is open for another. */
  readonly idle: boolean
}

/** The client side of a protocol. */
export interface ClientProtocol {
  /** as negotiated by multistream-select */
  readonly id: string
  /** A session that opens streams, on which this protocol was negotiated, as it needs them. */
  connect(open: (signal: AbortSignal) => Promise<ByteDuplex>): ClientSession
}
