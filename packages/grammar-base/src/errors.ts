/**
 * Why a predicate with a tag of this package is malformed.
 *
 * - `TAG_FORM`: an argument is missing or of another kind
 * - `TAG_ADDRESS`: the address is no multiaddr
 */
export type TagErrorCode = 'TAG_FORM' | 'TAG_ADDRESS'

/**
 * The one error of this package: thrown by `parse` of a rule, and reported by `assemble` with the path of the predicate.
 *
 * @example
 * ```ts
 * import { parseAddress } from '@sr/grammar-base'
 *
 * try {
 *   parseAddress('10.0.0.1:80')
 * } catch (err) {
 *   console.log((err as { code: string }).code) // TAG_ADDRESS
 * }
 * ```
 */
export class TagError extends Error {
  readonly code: TagErrorCode

  constructor(code: TagErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'TagError'
    this.code = code
  }
}
