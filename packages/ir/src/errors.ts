import type { Path } from '@sr/xr'

/**
 * The reason of an error, stable across versions.
 *
 * - `IR_STAMP`: `seq` or `hash` of an update is invalid
 * - `IR_EXPIRES`: `expires` is not an integer of milliseconds
 * - `IR_RETAIN`: `retain` is not an integer of milliseconds, is before an expiry in the update, or more than 30 days after the seq time
 * - `IR_BODY`: the body is neither a Dict nor `$set(Dict)` nor `$remove()`
 * - `IR_OPERATOR`: a predicate whose tag begins with `$` is unknown, malformed, or at a position where it is not allowed
 * - `IR_TTL`: the lifetime in a `$ttl` is not an integer of at least 1 second
 * - `IR_MEMBER`: a List names one member twice, at least once by an operator
 * - `IR_UNVALIDATED`: `apply` got an update that `validateUpdate` did not return
 * - `IR_GRAMMAR`: two rules claim one tag, or a rule claims an operator or no tag
 */
export type IrErrorCode =
  | 'IR_STAMP'
  | 'IR_EXPIRES'
  | 'IR_RETAIN'
  | 'IR_BODY'
  | 'IR_OPERATOR'
  | 'IR_TTL'
  | 'IR_MEMBER'
  | 'IR_UNVALIDATED'
  | 'IR_GRAMMAR'

/** Optional details of an {@link IrError}. */
export interface IrErrorDetail {
  /** path in the body of the update */
  path?: Path
  /** the limit that was exceeded */
  max?: number
  /** the value found */
  got?: number
  cause?: unknown
}

/**
 * The error class of this package. Switch on `code`, not on `instanceof` or the message.
 *
 * @example
 * ```ts
 * import { validateUpdate } from '@sr/ir'
 * import { from } from '@sr/xr'
 *
 * try {
 *   validateUpdate({ seq: 1, hash: '00'.repeat(32), expires: 2000, retain: 1000, body: from({}) })
 * } catch (err) {
 *   console.log((err as { code: string }).code) // IR_RETAIN
 * }
 * ```
 */
export class IrError extends Error {
  readonly code: IrErrorCode
  readonly path: Path | undefined
  readonly max: number | undefined
  readonly got: number | undefined

  constructor(code: IrErrorCode, message: string, detail: IrErrorDetail = {}) {
    super(message, 'cause' in detail ? { cause: detail.cause } : undefined)
    this.name = 'IrError'
    this.code = code
    this.path = detail.path
    this.max = detail.max
    this.got = detail.got
  }
}
