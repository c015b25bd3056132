import type { Dict, Node } from '@sr/xr'
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

/** What a served machine says of an accepted update, as far as protocols use it. */
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
  readonly limits: { readonly maxTtl: number }
  get(key: Uint8Array, options?: { signal?: AbortSignal }): Promise<ReadonlyMap<string, ServedDocument>>
  updateUnsigned(
    update: { readonly key: Uint8Array; readonly writer: string; readonly body: Node; readonly ttl: number },
    options?: SubmitOptions,
  ): Promise<ServedReceipt>
  update(bytes: Uint8Array, options?: SubmitOptions): Promise<ServedReceipt>
}

/** Shares the event loop between the streams of a server. */
export interface Scheduler {
  /** Resolves when the caller may go on: at once while there is time left in this turn of the event loop. */
  yield(): Promise<void>
  /** Resolves when the peer may have another request served; the server's rate limits by kind of request. */
  admit(kind: 'read' | 'update', signal: AbortSignal): Promise<void>
}

/** Counts what a stream holds in memory against the budget of the whole server. */
export interface Account {
  /** Bytes this stream holds from now on, requests and answers together. Throws `PROTOCOL_BUSY` above the budget. */
  hold(bytes: number): void
  /** Adds to a counter of the server, such as `requests.get`. */
  count(name: string, by?: number): void
}

/** What a server gives a protocol for one stream. */
export interface ServeContext {
  readonly machine: ServedMachine
  /** peer id of the other end, proved by the transport */
  readonly peer: string
  /** network address of the other end; undefined when unknown, as over a relay */
  readonly observedAddr: string | undefined
  /** aborts when the server stops: end as soon as requests under way are answered */
  readonly signal: AbortSignal
  readonly scheduler: Scheduler
  readonly account: Account
}

/** The server side of one protocol. `serve` resolves when the stream has ended; what it rejects with is logged. */
export interface ServerProtocol {
  /** as negotiated by multistream-select, such as `/ipfs/smart-record/0.0.1` */
  readonly id: string
  serve(duplex: ByteDuplex, context: ServeContext): Promise<void>
}

/** One conversation of a client with one peer. */
export interface ClientSession {
  get(
    key: Uint8Array,
    options?: { signal?: AbortSignal; onUnreadable?: (writer: string, error: Error) => void },
  ): Promise<Map<string, Dict>>
  update(key: Uint8Array, body: Node, options: { ttl: number; signal?: AbortSignal }): Promise<void>
  /** Ends the conversation; requests under way are rejected. */
  close(): void
}

/** The client side of one protocol. */
export interface ClientProtocol {
  /** as negotiated by multistream-select */
  readonly id: string
  /** A session that opens streams as it needs them. */
  connect(open: (options: { signal: AbortSignal }) => Promise<ByteDuplex>): ClientSession
}
