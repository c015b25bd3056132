import type { Dict, Limits, Node, Plain, XrError } from '@sr/xr'
import type { ByteDuplex } from './duplex.ts'

/** One writer's document in a record, as it shows now. */
export interface ServedDocument {
  readonly document: Dict
  /** whether every update behind it carries its author's signature */
  readonly signed: boolean
  /** when it changes next by expiry, milliseconds since 1970; undefined when never */
  readonly next: number | undefined
}

/** How an update reached this server. */
export interface SubmitOptions {
  /** `author`: on the author's own connection; `peer`: from another peer; `own`: from code on this machine */
  readonly via?: 'author' | 'peer' | 'own'
  /** network address the update came from, when the transport knows it */
  readonly observedAddr?: string
  readonly signal?: AbortSignal
}

/** What a machine answers to an accepted update, as far as protocols use it. */
export interface ServedReceipt {
  readonly status: 'stored' | 'duplicate'
  readonly changed: boolean
  /** settles when the blocking effects of the update have answered or their time is up; never rejects */
  readonly effects: Promise<void>
}

/** The part of a machine (`@sr/vm`) that protocols call. Structural: any object with these members will do. */
export interface ServedMachine {
  /** the serving peer's id */
  readonly self: string
  /** whether calls are served now; absent when the machine does not tell */
  readonly running?: boolean
  /** `maxTtl`: longest life granted, seconds */
  readonly limits: { readonly maxTtl: number }
  get(
    key: Uint8Array,
    options?: { signal?: AbortSignal },
  ): Promise<{ readonly documents: ReadonlyMap<string, ServedDocument> }>
  updateUnsigned(
    update: { readonly key: Uint8Array; readonly writer: string; readonly body: Node; readonly ttl: number },
    options?: SubmitOptions,
  ): Promise<ServedReceipt>
  update(bytes: Uint8Array, options?: SubmitOptions): Promise<ServedReceipt>
}

/** What a request costs the server: its rates are counted by this. */
export type RequestKind = 'update' | 'read'

/** Shares the event loop and the request rates between the streams of a server. One for each stream. */
export interface Scheduler {
  /** Resolves when the stream may handle its next request: call before each. Peers take turns, and the streams of a peer. */
  turn(): Promise<void>
  /** Lets other peers have their turns, within the work on one request: call after each 2 ms of it, and after waiting. */
  yield(): Promise<void>
  /**
   * Resolves when the peer's request rate allows another request of this kind.
   *
   * @throws ProtocolError `PROTOCOL_BUSY` when that would take too long
   */
  admit(kind: RequestKind): Promise<void>
}

/** Counts what a stream holds and does, against the budget and the counters of the whole server. One for each stream. */
export interface Account {
  /**
   * Sets how many bytes the stream holds from now on, requests and answers together.
   *
   * @throws ProtocolError `PROTOCOL_BUSY` when the budget of the server is spent
   */
  hold(bytes: number): void
  /** Adds to a counter of the server, such as `requests.get`. */
  count(name: string, by?: number): void
}

/** What a server gives a protocol for one stream. */
export interface ServeContext {
  readonly machine: ServedMachine
  /** peer id of the other end, proved by the transport: the only writer that an unsigned update may name */
  readonly peer: string
  /** network address of the other end; undefined when it is not known */
  readonly observedAddr: string | undefined
  /** aborts when the server stops: a session ends as soon as the requests under way are answered */
  readonly signal: AbortSignal
  readonly scheduler: Scheduler
  readonly account: Account
}

/** The server side of a protocol. */
export interface ServerProtocol {
  /** as negotiated by multistream-select, such as `/ipfs/smart-record/0.0.1` */
  readonly id: string
  /**
   * Serves one stream until it ends. Rejects with the error that ended it otherwise, after it has reset the stream:
   * the server counts and logs the error, and goes on with other streams.
   */
  serve(duplex: ByteDuplex, context: ServeContext): Promise<void>
}

/** Options of every request. */
export interface RequestOptions {
  /** ends the call; what was asked may have happened all the same */
  signal?: AbortSignal
}

/** Options of reading a record. */
export interface GetOptions extends RequestOptions {
  /** of each document; the protocol's defaults for those left out */
  limits?: Partial<Limits>
  /** receives the documents that cannot be read; without it one of them fails the whole call, with its writer in the error's path */
  onUnreadable?: (writer: string, error: XrError) => void
}

/** Options of writing a document. */
export interface UpdateOptions extends RequestOptions {
  /** life of what is stated, whole seconds, from 1 */
  ttl: number
}

/** Requests to one peer. */
export interface ClientSession {
  /**
   * The record under a key: peer id of the writer → document.
   *
   * @throws ProtocolError; XrError for a document that cannot be read, unless `onUnreadable` receives it
   */
  get(key: Uint8Array | string, options?: GetOptions): Promise<Map<string, Dict>>
  /**
   * Merges `document`, a Dict or what `from` of `@sr/xr` makes one of, into the caller's own document of the record.
   *
   * @throws ProtocolError; `applied` is `unknown` when the update was sent and not answered
   */
  update(key: Uint8Array | string, document: Plain, options: UpdateOptions): Promise<void>
  /** Ends the streams; requests under way fail with `PROTOCOL_SHUTDOWN`. The next request opens another. */
  close(): void
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
