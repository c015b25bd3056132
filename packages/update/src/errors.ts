import type { Path } from '@sr/xr'

/** The codes of {@link UpdateError}. */
export type UpdateErrorCode = (typeof UPDATE_ERROR_CODES)[number]

/**
 * All codes, as stable words to switch on.
 *
 * - `UPDATE_SIZE`: longer than any update may be
 * - `UPDATE_ENVELOPE`: not a signed envelope in its one canonical form
 * - `UPDATE_FORM`: not a payload in its one canonical form
 * - `UPDATE_NETWORK`: made for another network
 * - `UPDATE_KEY`: the record's key is empty or longer than 1,024 bytes
 * - `UPDATE_WRITER`: the writer is no peer id, or not the one whose key signed
 * - `UPDATE_SIGNATURE`: a public key that is not accepted, a payload of another type, or a wrong signature
 * - `UPDATE_CONFIG`: a codec cannot be made of these arguments
 */
export const UPDATE_ERROR_CODES: readonly [
  'UPDATE_SIZE',
  'UPDATE_ENVELOPE',
  'UPDATE_FORM',
  'UPDATE_NETWORK',
  'UPDATE_KEY',
  'UPDATE_WRITER',
  'UPDATE_SIGNATURE',
  'UPDATE_CONFIG',
] = [
  'UPDATE_SIZE',
  'UPDATE_ENVELOPE',
  'UPDATE_FORM',
  'UPDATE_NETWORK',
  'UPDATE_KEY',
  'UPDATE_WRITER',
  'UPDATE_SIGNATURE',
  'UPDATE_CONFIG',
]

/** What an {@link UpdateError} says besides its code and message. */
export interface UpdateErrorDetail {
  /** the field of the payload */
  path?: Path
  /** name of the limit */
  limit?: string | undefined
  /** the limit's value */
  max?: number | undefined
  /** what was found */
  got?: number | undefined
  cause?: unknown
}

/**
 * The one error of this package. Switch on `code`, never on `instanceof` or the message. A body that is not valid is
 * refused with the XrError or IrError of the layer that found it.
 *
 * @example
 * ```ts
 * import { createUpdateCodec } from '@sr/update'
 *
 * try {
 *   await createUpdateCodec({ network: 'main' }).parse(Uint8Array.of(7))
 * } catch (err) {
 *   console.log((err as { code: string }).code) // UPDATE_ENVELOPE
 * }
 * ```
 */
export class UpdateError extends Error {
  readonly code: UpdateErrorCode
  readonly path: Path | undefined
  readonly limit: string | undefined
  readonly max: number | undefined
  readonly got: number | undefined

  constructor(code: UpdateErrorCode, message: string, detail: UpdateErrorDetail = {}) {
    super(message, 'cause' in detail ? { cause: detail.cause } : undefined)
    this.name = 'UpdateError'
    this.code = code
    this.path = detail.path
    this.limit = detail.limit
    this.max = detail.max
    this.got = detail.got
  }
}

/** The error for an exceeded limit. */
export function overLimit(code: UpdateErrorCode, limit: string, max: number, got: number): UpdateError {
  return new UpdateError(code, `${limit} is limited to ${max} bytes, got ${got}`, { limit, max, got })
}
