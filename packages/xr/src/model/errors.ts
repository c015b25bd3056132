import type { Path } from './path.ts'

/**
 * The kind of an error, a stable word to switch on.
 *
 * - `XR_KIND`: a value of none of the eight kinds (`null`, a Date, a function …)
 * - `XR_VALUE`: a value outside its kind: NaN, a lone surrogate, an invalid CID
 * - `XR_SYNTAX`: bytes or text that are not well-formed at all
 * - `XR_FORM`: well-formed, but not the one canonical form
 * - `XR_DUPLICATE`: two equal keys in a Dict, or two equal members in a List
 * - `XR_DEPTH`, `XR_NODES`, `XR_SIZE`, `XR_STRING`, `XR_BYTES`, `XR_INT`: a limit, with details in `limit`, `max` and `got`
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

/** Where the parser stopped in a text, and what it expected there. */
export interface TextPlace {
  /** from 1 */
  line: number
  /** characters (UTF-16 units) from 1 */
  column: number
  /** the token there, or `end of text` */
  found: string
  /** the token that the grammar expects there */
  expected: string
  /** the line, and a second line with a caret below the column */
  excerpt: string
}

/** The details of an {@link XrError} besides its code and message. */
export interface XrErrorDetail {
  /** the position in the document */
  path?: Path
  /** byte offset in the input, of decoders */
  offset?: number
  /** name of the limit, a key of `Limits` */
  limit?: string
  /** the limit's value */
  max?: number
  /** the value found; where counting stops at the limit, the first value above it */
  got?: number
  /** line, column and excerpt, from the text parser */
  place?: TextPlace
  cause?: unknown
}

/**
 * The only error class of this package. Switch on `code`, never on `instanceof` or the message.
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
    // only defined details become properties, so that a console shows no undefined ones
    Object.assign(
      this,
      Object.fromEntries(
        Object.entries({ path, offset, limit, max, got, place }).filter(([, value]) => value !== undefined),
      ),
    )
    this.code = code
  }

  /** A copy of the error with more details. */
  with(more: XrErrorDetail, message: string = this.message): XrError {
    return new XrError(this.code, message, { ...this.#detail, ...more })
  }
}
