import type { Path } from '@sr/xr'
import { isRetryable, isStatus, type Status } from './status-codes.ts'

/**
 * What went wrong on the wire, as a stable value to switch on.
 *
 * - `PROTOCOL_FRAME`: a length that is too long, not minimal or zero, or a frame cut off
 * - `PROTOCOL_TOO_LARGE`: a frame, document or answer above its limit
 * - `PROTOCOL_PROTO`: not a message; `PROTOCOL_TYPE`: a message of an unknown type
 * - `PROTOCOL_KEY`: a key that is empty or above 1,024 bytes; `PROTOCOL_DOC`: a body that is no document
 * - `PROTOCOL_NODES`: too many unknown fields in a message; `PROTOCOL_TTL`: an invalid time to live
 * - `PROTOCOL_BUSY`: a limit on streams, memory, requests or waiting calls is reached; `PROTOCOL_TIMEOUT`: a deadline passed
 * - `PROTOCOL_SHUTDOWN`: this side is stopping; `PROTOCOL_ABORTED`: the caller's signal
 * - `PROTOCOL_PEER`: a target that names no peer, or several; a writer that is no peer id
 * - `PROTOCOL_UNREACHABLE`: no stream to the peer could be opened
 * - `PROTOCOL_SIGNATURE`: bytes in place of a signed update that are no envelope
 * - `PROTOCOL_UNSUPPORTED`: an option, request or capability that the protocol or the peer does not have
 * - `PROTOCOL_CANCELLED`: a request that its client cancelled; `PROTOCOL_DENIED`: a policy of the operator
 * - `PROTOCOL_RATE`: more requests than can be delayed; `PROTOCOL_SLOW_CONSUMER`: a watch that takes nothing
 * - `PROTOCOL_RESET`: the peer reset the stream, which on the Go protocol is its only way to refuse
 * - `PROTOCOL_CLOSED`: the peer ended the stream without an answer; `PROTOCOL_ANSWER`: an answer to something else
 * - `PROTOCOL_CONFIG`: a configuration that would not be safe
 * - `PROTOCOL_INTERNAL`: a fault of this side
 */
export type ProtocolErrorCode =
  | 'PROTOCOL_FRAME'
  | 'PROTOCOL_TOO_LARGE'
  | 'PROTOCOL_PROTO'
  | 'PROTOCOL_TYPE'
  | 'PROTOCOL_KEY'
  | 'PROTOCOL_DOC'
  | 'PROTOCOL_NODES'
  | 'PROTOCOL_TTL'
  | 'PROTOCOL_BUSY'
  | 'PROTOCOL_TIMEOUT'
  | 'PROTOCOL_SHUTDOWN'
  | 'PROTOCOL_ABORTED'
  | 'PROTOCOL_SIGNATURE'
  | 'PROTOCOL_UNSUPPORTED'
  | 'PROTOCOL_CANCELLED'
  | 'PROTOCOL_DENIED'
  | 'PROTOCOL_RATE'
  | 'PROTOCOL_SLOW_CONSUMER'
  | 'PROTOCOL_PEER'
  | 'PROTOCOL_UNREACHABLE'
  | 'PROTOCOL_RESET'
  | 'PROTOCOL_CLOSED'
  | 'PROTOCOL_ANSWER'
  | 'PROTOCOL_CONFIG'
  | 'PROTOCOL_INTERNAL'

/** Whether an update that failed has taken effect. */
export type Applied = 'no' | 'yes' | 'unknown'

/** What an {@link ProtocolError} may say besides its code and message. */
export interface ProtocolErrorDetail {
  /** whether the update has taken effect; `no` unless said */
  applied?: Applied | undefined
  /** where in the document */
  path?: Path | undefined
  /** name of the limit that was passed */
  limit?: string | undefined
  /** the limit's value */
  max?: number | undefined
  /** what the input came to */
  got?: number | undefined
  /** when to try again, milliseconds from now */
  waitMs?: number | undefined
  /** the server's time, milliseconds since 1970 */
  now?: number | undefined
  /** with `E_CLOCK`: how far the clock of the update's author is ahead of the server's, milliseconds */
  aheadMs?: number | undefined
  /** the writer's highest seq in the record, with `E_STALE` */
  seq?: number | undefined
  /** what the server's meter asks for, with `E_PRICE` */
  price?: number | undefined
  /** the option or capability that is not supported, or the policy that denies */
  subject?: string | undefined
  /** whether the same call may succeed later; default: by the code */
  retryable?: boolean | undefined
  cause?: unknown
}

/** Codes of errors after which the same call may succeed later. */
const RETRYABLE: ReadonlySet<ProtocolErrorCode> = new Set<ProtocolErrorCode>([
  'PROTOCOL_BUSY',
  'PROTOCOL_TIMEOUT',
  'PROTOCOL_SHUTDOWN',
  'PROTOCOL_UNREACHABLE',
  'PROTOCOL_CLOSED',
  'PROTOCOL_RATE',
  'PROTOCOL_SLOW_CONSUMER',
])

/**
 * The one error of the protocol packages. Switch on `code`, never on `instanceof` or the message.
 *
 * @example
 * ```ts
 * import { goMessage } from '@sr/protocol-go'
 *
 * try {
 *   goMessage.decode(Uint8Array.of(0x12, 0x05, 0x61))
 * } catch (err) {
 *   console.log((err as { code: string }).code) // PROTOCOL_PROTO
 * }
 * ```
 */
export class ProtocolError extends Error {
  /** `PROTOCOL_…`: found on this side, or on the wire; `E_…`: a refusal of the other side */
  readonly code: ProtocolErrorCode | Status
  /** whether the same call may succeed later */
  readonly retryable: boolean
  readonly applied: Applied
  declare readonly path: Path | undefined
  declare readonly limit: string | undefined
  declare readonly max: number | undefined
  declare readonly got: number | undefined
  declare readonly waitMs: number | undefined
  declare readonly now: number | undefined
  declare readonly aheadMs: number | undefined
  declare readonly seq: number | undefined
  declare readonly price: number | undefined
  declare readonly subject: string | undefined

  constructor(code: ProtocolErrorCode | Status, message: string, detail: ProtocolErrorDetail = {}) {
    super(message, 'cause' in detail ? { cause: detail.cause } : undefined)
    const { cause: _, applied = 'no', retryable, path, ...rest } = detail
    this.name = 'ProtocolError'
    this.code = code
    this.retryable = retryable ?? (isStatus(code) ? isRetryable(code) : RETRYABLE.has(code))
    this.applied = applied
    // only defined values become properties, which keeps console output short
    for (const [name, value] of Object.entries({ ...rest, path: path?.slice() })) {
      if (value !== undefined) {
        Object.assign(this, { [name]: value })
      }
    }
  }
}

/** The error for an exceeded limit. */
export function overLimit(code: ProtocolErrorCode, limit: string, max: number, got: number): ProtocolError {
  return new ProtocolError(code, `${limit} is limited to ${max}, got ${got}`, { limit, max, got })
}

/**
 * The error of a stream, whatever its transport rejected with: a ProtocolError stays as it is; any other value means that
 * the transport failed, `PROTOCOL_CLOSED`, with the value as its cause.
 *
 * @example
 * ```ts
 * import { toStreamError } from '@sr/protocol'
 *
 * const { code, retryable } = toStreamError(new Error('write EPIPE'))
 * console.log(code, retryable) // PROTOCOL_CLOSED true
 * ```
 */
export function toStreamError(reason: unknown): ProtocolError {
  return (reason as { name?: unknown } | null | undefined)?.name === 'ProtocolError'
    ? (reason as ProtocolError)
    : new ProtocolError('PROTOCOL_CLOSED', 'the stream failed', { cause: reason })
}
