import type { ByteDuplex } from './duplex.ts'
import type { ServedMachine } from './machine.ts'

/** What a request costs the server: its rates are counted by this. */
export type RequestKind = 'update' | 'read'

/** Shares the event loop and the request rates between the streams of a server. One for each stream. */
export interface Scheduler {
  /**
   * Resolves when the stream may handle its next request: call before each. Peers take turns, and the streams of a peer. Undefined: it is
   * its turn at once.
   */
  turn(): Promise<void> | undefined
  /** Lets other peers have their turns, within the work on one request: call after each 2 ms of it, and after waiting. */
  yield(): Promise<void>
  /**
   * Resolves when the peer's request rate allows another request of this kind. Undefined: it does at once.
   *
   * @throws ProtocolError `PROTOCOL_RATE` when that would take too long
   */
  admit(kind: RequestKind): Promise<void> | undefined
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
