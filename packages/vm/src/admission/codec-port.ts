import type { ValidatedUpdate } from '@sr/ir/validate'
import type { Node } from '@sr/xr'

/** The fields of an update that its author chooses. */
export interface UpdateFields {
  /** the record's key, 1 to 1,024 bytes */
  readonly key: Uint8Array
  /** peer id as text (base58btc) */
  readonly writer: string
  /** the writer's hybrid logical clock, microseconds since 1970, below 2^53 */
  readonly seq: number
  /** milliseconds since 1970 */
  readonly expires: number
  /** until when the memory of what the update replaced is kept, milliseconds since 1970 */
  readonly retain: number
  readonly body: Node
}

/** What the bytes of an update say before its body is decoded and its signature verified. */
export interface UpdateHead extends Omit<UpdateFields, 'body'> {
  /** SHA-256 of the payload, 64 lower-case hex digits: the identity of the update, whatever envelope holds it */
  readonly hash: string
  /** whether the bytes hold a signature; `verify` tells whether it is right */
  readonly signed: boolean
}

/** Bytes whose envelope and head are well-formed. */
export interface ParsedUpdate extends UpdateHead {
  /** verbatim, as they are stored and passed on */
  readonly bytes: Uint8Array
}

/** An update that passed every check of form, and whose signature was verified where there is one. */
export interface DecodedUpdate extends UpdateHead {
  /** what a document applies */
  readonly content: ValidatedUpdate
}

/** An update and the bytes that are stored and passed on. */
export interface EncodedUpdate {
  readonly update: DecodedUpdate
  readonly bytes: Uint8Array
}

/**
 * How an update is turned into bytes and back. The machine takes it as an argument and knows no envelope; `@sr/update`
 * implements it, and `plainUpdates` of `@sr/vm/testing` is its in-memory twin.
 *
 * Reading has two steps, so that the machine can ask in between whether it holds the update already (`hash`): verifying
 * a signature is most of the cost of an update.
 *
 * The machine does not write to arrays that it gives to a codec or gets from one. Errors have a `code`. The machine maps the codes it knows (`UPDATE_*`, `XR_*`, `IR_*`); any other is `VM_INTERNAL`.
 */
export interface UpdateCodec {
  /** Reads the envelope and the head: size, form, key type, network, key, writer, seq, expires, retain. */
  parse(bytes: Uint8Array): Promise<ParsedUpdate>
  /** Decodes the body, checks its form and operators, then verifies the signature. Accepts only what `parse` of this codec returned. */
  verify(parsed: ParsedUpdate, options?: { signal?: AbortSignal }): Promise<EncodedUpdate>
  /** `parse`, then `verify`. */
  decode(bytes: Uint8Array, options?: { signal?: AbortSignal }): Promise<EncodedUpdate>
  /**
   * An update without a signature: stored and hashed like any other, shown as `signed: false`. With `owned`, the body is the
   * codec's from then on: no caller writes to Bytes in it, so that they need not be copied.
   */
  encode(fields: UpdateFields, options?: { readonly owned?: boolean }): Promise<EncodedUpdate>
  /**
   * Whether a text is a writer's id in the one spelling that this codec writes, so that an update of it can be encoded and
   * served. Absent on a codec that takes any text, such as `plainUpdates`.
   */
  isWriter?(writer: string): boolean
  /** the writer that `sign` signs as: the machine's `self` must be the same */
  readonly signer?: string
  /** Signs as this server. Absent on a server without a key of its own. */
  sign?(fields: Omit<UpdateFields, 'writer'>): Promise<EncodedUpdate>
}

/** The codes of a codec's own errors that the machine maps: those of `@sr/update`. */
export type UpdateErrorCode =
  | 'UPDATE_SIZE'
  | 'UPDATE_ENVELOPE'
  | 'UPDATE_FORM'
  | 'UPDATE_NETWORK'
  | 'UPDATE_KEY'
  | 'UPDATE_WRITER'
  | 'UPDATE_SIGNATURE'
  | 'UPDATE_CONFIG'
