import type { Path } from './path.ts'

/**
 * What went wrong, as a stable word to switch on.
 *
 * - `XR_KIND`: a value that is none of the eight kinds (`null`, a Date, a function …)
 * - `XR_VALUE`: a value outside its kind: NaN, a lone surrogate, an invalid CID
 * - `XR_SYNTAX`: bytes or text that are not well-formed at all
 * - `XR_FORM`: well-formed, but not the one canonical form
 * - `XR_DUPLICATE`: two equal keys in a Dict, or two equal members in a List
 * - `XR_DEPTH`, `XR_NODES`, `XR_SIZE`, `XR_STRING`, `XR_BYTES`, `XR_INT`: a limit; `limit`, `max` and `got` say which
 * - `XR_CYCLE`: `from` met an object inside itself
 */
export type XrErrorCode =
  | 'XR_KIND'
  | 'XR_VALUE'
  | 'XR_SYNTAX'
  | 'XR_FORM'
  | 'XR_DUPLICATE'
  | 'XR_DEPTH'
  | 'XR_NODES'
  | 'XR_SIZE'
  | 'XR_STRING'
  | 'XR_BYTES'
  | 'XR_INT'
  | 'XR_CYCLE'

/** Where in a text the parser stopped, and why. */
export interface TextPlace {
  /** from 1 */
  line: number
  /** characters (UTF-16 units) from 1 */
  column: number
  /** what stands there, or `end of text` */
  found: string
  /** what could have stood there */
  expected: string
  /** the line, and below it a caret under the place */
  excerpt: string
}

/** What an {@link XrError} may say besides its code and message. */
export interface XrErrorDetail {
  /** where in the document */
  path?: Path
  /** byte offset in the input, of decoders */
  offset?: number
  /** name of the limit, a key of `Limits` */
  limit?: string
  /** the limit's value */
  max?: number
  /** what the input came to; where counting stopped at the limit, the first value beyond it */
  got?: number
  /** line, column and the rest, of the text parser */
  place?: TextPlace
  cause?: unknown
}

/**
 * The one error of this package. Switch on `code`, never on `instanceof` or the message.
 *
 * @example
 * ```ts
 * import { from } from '@sr/xr'
 *
 * try {
 *   from({ size: Number.NaN })
 * } catch (err) {
 *   console.log((err as { code: string }).code) // XR_VALUE
 * }
 * ```
 */
export class XrError extends Error {
  readonly code: XrErrorCode
  declare readonly path: Path | undefined
  declare readonly offset: number | undefined
  declare readonly limit: string | undefined
  declare readonly max: number | undefined
  declare readonly got: number | undefined
  declare readonly place: TextPlace | undefined

  readonly #detail: XrErrorDetail

  constructor(code: XrErrorCode, message: string, detail: XrErrorDetail = {}) {
    super(message, 'cause' in detail ? { cause: detail.cause } : undefined)
    this.name = 'XrError'
    this.#detail = detail
    const { path, offset, limit, max, got, place } = detail
    // only what is known becomes a property, so that a console shows no more than there is to see
    Object.assign(
      this,
      Object.fromEntries(
        Object.entries({ path, offset, limit, max, got, place }).filter(([, value]) => value !== undefined),
      ),
    )
    this.code = code
  }

  /** The same error, saying more. */
  with(more: XrErrorDetail, message: string = this.message): XrError {
    return new XrError(this.code, message, { ...this.#detail, ...more })
  }
}
