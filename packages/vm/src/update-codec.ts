import type { Node } from '@sr/xr'

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

/**
 * How an update is turned into bytes and back; implemented by `@sr/protocol`, so that the machine
 * knows no envelope. What it throws is a refusal: an error with the code `ANY_SIG` is one with
 * `VM_SIG`, and so for all codes of the machine; one without such a code is `VM_DOC`.
 */
export interface UpdateCodec {
  /** Decodes verbatim bytes within the limits of `@sr/xr`, and verifies the signature where there is one. */
  decode(bytes: Uint8Array): Promise<DecodedUpdate>
  /** The payload of an update that nobody signed: stored and hashed like any other, shown as `signed: false`. */
  encode(payload: Payload): Promise<Uint8Array>
  /** Signs as this server. Absent on a server without a key of its own. */
  sign?(payload: Omit<Payload, 'writer'>): Promise<Uint8Array>
}
