import type { Path } from '@sr/xr'

/**
 * What went wrong on the wire, as a stable word to switch on.
 *
 * - `SRP_FRAME`: a length that is over-long, not minimal or zero, or a frame cut off
 * - `SRP_TOO_LARGE`: a frame, document or answer above its limit
 * - `SRP_PROTO`: not a message; `SRP_TYPE`: a message of an unknown type
 * - `SRP_KEY`: a key that is empty or above 1,024 bytes; `SRP_DOC`: a body that is no document
 * - `SRP_NODES`: more unknown fields than a message may carry; `SRP_TTL`: no lawful time to live
 * - `SRP_SIG`: no valid signature by the writer named, for this purpose
 * - `SRP_BUSY`: more streams or buffers than are granted; `SRP_TIMEOUT`: a deadline passed
 * - `SRP_SHUTDOWN`: this side is stopping; `SRP_ABORTED`: the caller's signal
 * - `SRP_UNREACHABLE`: no stream to the peer could be opened
 * - `SRP_RESET`: the peer reset the stream, which on the Go protocol is its only way to refuse
 * - `SRP_CLOSED`: the peer ended the stream without an answer; `SRP_ANSWER`: an answer to something else
 * - `SRP_CONFIG`: the program is put together so that it would not be safe
 * - `SRP_INTERNAL`: a fault of this side
 */
export type SrpErrorCode =
  | 'SRP_FRAME'
  | 'SRP_TOO_LARGE'
  | 'SRP_PROTO'
  | 'SRP_TYPE'
  | 'SRP_KEY'
  | 'SRP_DOC'
  | 'SRP_NODES'
  | 'SRP_TTL'
  | 'SRP_SIG'
  | 'SRP_BUSY'
  | 'SRP_TIMEOUT'
  | 'SRP_SHUTDOWN'
  | 'SRP_ABORTED'
  | 'SRP_UNREACHABLE'
  | 'SRP_RESET'
  | 'SRP_CLOSED'
  | 'SRP_ANSWER'
  | 'SRP_CONFIG'
  | 'SRP_INTERNAL'

/** Whether an update that failed has taken effect. */
export type Applied = 'no' | 'yes' | 'unknown'

/** What an {@link SrpError} may say besides its code and message. */
export interface SrpErrorDetail {
  /** whether the update has taken effect; `no` unless said */
  applied?: Applied
  /** where in the document */
  path?: Path
  /** name of the limit that was passed */
  limit?: string
  /** the limit's value */
  max?: number
  /** what the input came to */
  got?: number
  cause?: unknown
}

/** What may well succeed when it is tried again unchanged. */
const RETRYABLE: ReadonlySet<SrpErrorCode> = new Set<SrpErrorCode>([
  'SRP_BUSY',
  'SRP_TIMEOUT',
  'SRP_SHUTDOWN',
  'SRP_UNREACHABLE',
  'SRP_CLOSED',
])

/**
 * The one error of the protocol packages. Switch on `code`, never on `instanceof` or the message.
 *
 * @example
 * ```ts
 * import { goMessage } from '@sr/protocol/go'
 *
 * try {
 *   goMessage.decode(Uint8Array.of(0x12, 0x05, 0x61))
 * } catch (err) {
 *   console.log((err as { code: string }).code) // SRP_PROTO
 * }
 * ```
 */
export class SrpError extends Error {
  readonly code: SrpErrorCode
  /** whether trying again unchanged makes sense */
  readonly retryable: boolean
  readonly applied: Applied
  declare readonly path: Path | undefined
  declare readonly limit: string | undefined
  declare readonly max: number | undefined
  declare readonly got: number | undefined

  constructor(code: SrpErrorCode, message: string, detail: SrpErrorDetail = {}) {
    super(message, 'cause' in detail ? { cause: detail.cause } : undefined)
    this.name = 'SrpError'
    this.code = code
    this.retryable = RETRYABLE.has(code)
    this.applied = detail.applied ?? 'no'
    const { path, limit, max, got } = detail
    // only what is known becomes a property, so that a console shows no more than there is to see
    Object.assign(
      this,
      Object.fromEntries(Object.entries({ path, limit, max, got }).filter(([, value]) => value !== undefined)),
    )
  }
}

/** The error for a limit that was passed. */
export function overLimit(code: SrpErrorCode, limit: string, max: number, got: number): SrpError {
  return new SrpError(code, `${limit} is limited to ${max}, got ${got}`, { limit, max, got })
}
