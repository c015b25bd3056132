import type { Path } from '@sr/xr'

/**
 * Why the machine refused, as a stable word to switch on. Each stands for the wire status of the
 * same name with `E_` for `VM_`.
 *
 * - `VM_KEY`: the record's key is empty or too long
 * - `VM_TOO_LARGE`, `VM_DEPTH`, `VM_NODES`, `VM_VALUE`: a limit on the form of an update
 * - `VM_DOC`: no lawful update; `cause` is the error of the layer that said so
 * - `VM_TTL`: a life that is no whole number of seconds, or longer than granted here
 * - `VM_CLOCK`: the update is too far ahead, or this machine does not trust its own clock now
 * - `VM_WRITER`: the writer may not say this here
 * - `VM_SIG`: the signature is missing or wrong
 * - `VM_EXPIRED`: the update's `retain` has passed
 * - `VM_QUOTA_WRITER`, `VM_QUOTA_RECORD`, `VM_QUOTA_GLOBAL`: no room for this writer, in this record, in all
 * - `VM_STORAGE`: the store failed
 * - `VM_CORRUPT`: what the store gave back for this record cannot be read
 * - `VM_SHUTDOWN`: the machine is not running
 * - `VM_INTERNAL`: a fault of this program; `cause` is for the log, not for peers
 */
export type VmErrorCode =
  | 'VM_KEY'
  | 'VM_TOO_LARGE'
  | 'VM_DEPTH'
  | 'VM_NODES'
  | 'VM_VALUE'
  | 'VM_DOC'
  | 'VM_TTL'
  | 'VM_CLOCK'
  | 'VM_WRITER'
  | 'VM_SIG'
  | 'VM_EXPIRED'
  | 'VM_QUOTA_WRITER'
  | 'VM_QUOTA_RECORD'
  | 'VM_QUOTA_GLOBAL'
  | 'VM_STORAGE'
  | 'VM_CORRUPT'
  | 'VM_SHUTDOWN'
  | 'VM_INTERNAL'

/** What a {@link VmError} says besides its code and message. */
export interface VmErrorDetail {
  /** name of the limit, mostly a key of `MachineLimits` */
  limit?: string
  /** the limit's value */
  max?: number
  /** what the update came to */
  got?: number
  /** where in the update's body */
  path?: Path
  /** whether the same update may be accepted later; default: no */
  retryable?: boolean
  /** when trying again makes sense, milliseconds from now */
  retryAfterMs?: number
  /** whether the update took effect all the same; default: no */
  applied?: 'no' | 'unknown'
  cause?: unknown
}

/**
 * The one error of this package. Switch on `code`, never on `instanceof` or the message.
 *
 * @example
 * ```ts
 * import { VmError } from '@sr/vm'
 *
 * const err = new VmError('VM_QUOTA_RECORD', 'the record has no room', { limit: 'writersPerRecord', max: 256, got: 257, retryable: true })
 * console.log(err.code, err.limit, err.max, err.got, err.retryable, err.applied) // VM_QUOTA_RECORD writersPerRecord 256 257 true no
 * ```
 */
export class VmError extends Error {
  readonly code: VmErrorCode
  readonly limit: string | undefined = undefined
  readonly max: number | undefined = undefined
  readonly got: number | undefined = undefined
  readonly path: Path | undefined = undefined
  readonly retryable: boolean = false
  readonly retryAfterMs: number | undefined = undefined
  readonly applied: 'no' | 'unknown' = 'no'

  constructor(code: VmErrorCode, message: string, { cause, ...detail }: VmErrorDetail = {}) {
    super(message, cause === undefined ? undefined : { cause })
    Object.assign(this, detail)
    this.name = 'VmError'
    this.code = code
  }
}
