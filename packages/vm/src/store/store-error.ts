/**
 * Why a store failed, as a stable value to switch on.
 *
 * - `STORE_MISSING`: the store was initialised once, and its content is gone
 * - `STORE_VERSION`: written by a later version of the format
 * - `STORE_LOCKED`: open in another process
 * - `STORE_FULL`: no space left; nothing was written
 * - `STORE_DAMAGED`: content that is not what was written, and that the store cannot do without
 * - `STORE_FAILED`: the rest; `cause` is the error of the layer below
 */
export type StoreErrorCode =
  | 'STORE_MISSING'
  | 'STORE_VERSION'
  | 'STORE_LOCKED'
  | 'STORE_FULL'
  | 'STORE_DAMAGED'
  | 'STORE_FAILED'

/**
 * The error of a store. Switch on `code`, never on `instanceof` or the message.
 *
 * @example
 * ```ts
 * import { StoreError } from '@sr/vm/store'
 *
 * const err = new StoreError('STORE_VERSION', 'the store has format 2; this version reads format 1')
 * console.log(err.code) // STORE_VERSION
 * ```
 */
export class StoreError extends Error {
  readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'StoreError'
    this.code = code
  }
}
