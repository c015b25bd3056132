import type { Path } from '@sr/xr'

/**
 * What went wrong, as a stable value to switch on. Each code stands for the wire status of the same name with `E_` for `VM_`.
 *
 * - `VM_KEY`: the record's key does not have 1 to 1,024 bytes
 * - `VM_TOO_LARGE`, `VM_DEPTH`, `VM_NODES`, `VM_VALUE`: a limit on the form of an update
 * - `VM_DOC`: not a valid update; `cause` is the error of the layer that refused it
 * - `VM_TTL`: a lifetime that is not whole seconds, or longer than `maxTtl`
 * - `VM_CLOCK`: the update is too far ahead, or this machine's clock is unconfirmed
 * - `VM_WRITER`: the writer's id is invalid, or the body writes what only effects may write
 * - `VM_SIG`: the signature is missing or wrong
 * - `VM_EXPIRED`: the update's `retain` has passed
 * - `VM_QUOTA_WRITER`, `VM_QUOTA_RECORD`, `VM_QUOTA_GLOBAL`: a quota of this writer, of this record, of the machine
 * - `VM_BUSY`: too many calls wait for this record
 * - `VM_OPTION`: an option of a call is of a wrong type or range; `limit` is its name
 * - `VM_CURSOR`: not a cursor of this machine, or one of another key or request
 * - `VM_STALE`: the writer's highest seq in the record is not `ifSeq`; `got` is what it is
 * - `VM_PRICE`: the meter refuses the update at the price offered; `max` and `got` are prices
 * - `VM_STORAGE`: the store failed, or did not answer in time
 * - `VM_READONLY`: the store has no space left; reads are served
 * - `VM_CORRUPT`: this record cannot be read from the store
 * - `VM_SHUTDOWN`: the machine is not running
 * - `VM_INTERNAL`: a fault of this machine; `cause` is for the log, not for peers
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
  | 'VM_BUSY'
  | 'VM_OPTION'
  | 'VM_CURSOR'
  | 'VM_STALE'
  | 'VM_PRICE'
  | 'VM_STORAGE'
  | 'VM_READONLY'
  | 'VM_CORRUPT'
  | 'VM_SHUTDOWN'
  | 'VM_INTERNAL'

/** What a {@link VmError} has besides its code and message. */
export interface VmErrorDetail {
  /** name of the limit, mostly a key of `MachineLimits` */
  limit?: string
  /** the limit's value */
  max?: number
  /** the value that was found */
  got?: number
  /** where in the update's body */
  path?: Path
  /** whether the same update may be accepted later; default: no */
  retryable?: boolean
  /** when to try again, milliseconds from now */
  retryAfterMs?: number
  /** whether the update may have taken effect; default: no */
  applied?: 'no' | 'unknown'
  cause?: unknown
}

/**
 * The error of this package. Switch on `code`, never on `instanceof` or the message.
 *
 * @example
 * ```ts
 * import { VmError } from '@sr/vm'
 *
 * const err = new VmError('VM_QUOTA_RECORD', 'writersPerRecord would be 257; the limit is 256', { limit: 'writersPerRecord', max: 256, got: 257, retryable: true })
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
