import type { Path } from '@sr/xr'

/**
 * What is not lawful, as a stable word to switch on.
 *
 * - `IR_STAMP`: `seq` or `hash` of an update is none
 * - `IR_EXPIRES`: `expires` is no instant
 * - `IR_RETAIN`: `retain` is no instant, lies before an expiry in the update, or too far ahead of its seq
 * - `IR_BODY`: the body is neither a Dict nor `$set(Dict)` nor `$remove()`
 * - `IR_OPERATOR`: a predicate whose tag begins with `$` is unknown, malformed, or stands where it may not
 * - `IR_TTL`: the life a `$ttl` gives is no whole number of seconds from 1
 * - `IR_MEMBER`: a List names one member twice, at least once by an operator
 * - `IR_UNVALIDATED`: a document was given an update that `validateUpdate` did not return
 * - `IR_GRAMMAR`: two rules claim one tag, a rule claims a tag that no rule may have, or none
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

/** What an {@link IrError} may say besides its code and message. */
export interface IrErrorDetail {
  /** where in the update's body */
  path?: Path
  /** the limit's value, where a limit was passed */
  max?: number
  /** what the input came to */
  got?: number
  cause?: unknown
}

/**
 * The one error of this package. Switch on `code`, never on `instanceof` or the message.
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
