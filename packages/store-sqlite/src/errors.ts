/**
 * What went wrong, as a stable value to switch on.
 *
 * - `STORE_MISSING`: the folder was a store, and its database is gone
 * - `STORE_VERSION`: a later version of this package wrote it
 * - `STORE_LOCKED`: it is open, in another process or in this one
 * - `STORE_FULL`: no space is left; nothing was written
 * - `STORE_DAMAGED`: what is needed cannot be read or is not what was written; `check` reports and mends it
 * - `STORE_FAILED`: everything else, such as a disk that fails, or a call of a store that is not open
 */
export type StoreErrorCode =
  | 'STORE_MISSING'
  | 'STORE_VERSION'
  | 'STORE_LOCKED'
  | 'STORE_FULL'
  | 'STORE_DAMAGED'
  | 'STORE_FAILED'

/**
 * The error of this package. Switch on `code`, never on `instanceof` or the message.
 *
 * @example
 * ```ts
 * import { StoreError } from '@sr/store-sqlite'
 *
 * console.log(new StoreError('STORE_LOCKED', 'data is open in another process').code) // STORE_LOCKED
 * ```
 */
export class StoreError extends Error {
  readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
    this.code = code
  }
}
