import type { Dict, Node } from '@sr/xr'

/** How an update is turned into bytes and back; implemented by `@sr/protocol`, so that the machine knows no envelope. */
export interface UpdateCodec {
  /** Decodes verbatim bytes, and verifies the signature where there is one. */
  decode (bytes: Uint8Array): Promise<DecodedUpdate>
  /** The payload of an update that nobody signed: stored and hashed like any other, shown as `signed: false`. */
  encode (payload: Payload): Promise<Uint8Array>
  /** Signs as this server. Absent on a server without a key of its own. */
  sign? (payload: Omit<Payload, 'writer'>): Promise<Uint8Array>
}

/** The fields of an update, as signed. */
export interface Payload {
  readonly key: Uint8Array
  /** peer id string */
  readonly writer: string
  readonly seq: number
  readonly expires: number
  readonly retain: number
  readonly body: Node
}

/** What decoding gives besides. */
export interface DecodedUpdate extends Payload {
  /** SHA-256 of the payload, 64 lower-case hex digits */
  readonly hash: string
  readonly signed: boolean
}

/** An update as it comes in over the old protocol, or from code on the same machine: no signature, relative life. */
export interface UnsignedUpdate {
  readonly key: Uint8Array
  readonly writer: string
  readonly body: Node
  /** whole seconds from now */
  readonly ttl: number
  /** network address the writer handed it in from, when known: effects that dial compare with it */
  readonly observed?: string
  /** whether the author handed it in on its own connection */
  readonly firsthand?: boolean
}

/** What the machine says of an accepted update. */
export interface Receipt {
  /** stored, or held already */
  readonly status: 'stored' | 'held'
  /** whether it changed anything a reader or a later merge can see */
  readonly changed: boolean
  readonly hash: string
  /** the writer's highest seq in that record */
  readonly seq: number
  /** verbatim bytes stored */
  readonly bytes: number
  readonly expires: number
  readonly retain: number
  /** a contradicting update of the same seq is held */
  readonly forked: boolean
  /** smart tags that could not be read, with their paths */
  readonly problems: ReadonlyArray<{ readonly path: readonly Node[], readonly tag: string, readonly message: string }>
  /** settles when the prompt effects this update asked for have answered or their time is up; never rejects */
  readonly effects: Promise<void>
}

/** One writer's document as it shows now. */
export interface View {
  readonly document: Dict
  /** every update behind it carries its author's signature */
  readonly signed: boolean
  /** next change by expiry, milliseconds */
  readonly next: number | undefined
}

/** The smallest machine the protocol layers need; `createMachine` returns more. */
export interface Machine {
  /** the serving peer's id */
  readonly self: string
  /** Hands in an update that nobody signed; its writer is whoever the connection says. */
  updateUnsigned (update: UnsignedUpdate, options?: { signal?: AbortSignal }): Promise<Receipt>
  /** Hands in verbatim update bytes. */
  update (bytes: Uint8Array, options?: { signal?: AbortSignal, observed?: string, firsthand?: boolean }): Promise<Receipt>
  /** The record as it shows now: peer id → view, nothing expired; empty when there is none. */
  get (key: Uint8Array, options?: { signal?: AbortSignal }): Promise<ReadonlyMap<string, View>>
  start (): Promise<void>
  close (): Promise<void>
}
