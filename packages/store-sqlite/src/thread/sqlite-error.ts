import { StoreError, type StoreErrorCode } from '../errors.ts'

// Primary result codes: https://www.sqlite.org/rescode.html
const BUSY = 5
const LOCKED = 6
const CORRUPT = 11
const FULL = 13
const NOT_A_DATABASE = 26

/** Extended code of a write that failed, also because of the file's size limit (EFBIG) or a quota (EDQUOT). */
const IOERR_WRITE = 778

/** Codes of the system for no space. */
const NO_SPACE: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

const CODES: ReadonlyMap<number, StoreErrorCode> = new Map<number, StoreErrorCode>([
  [BUSY, 'STORE_LOCKED'],
  [LOCKED, 'STORE_LOCKED'],
  [FULL, 'STORE_FULL'],
  [CORRUPT, 'STORE_DAMAGED'],
  [NOT_A_DATABASE, 'STORE_DAMAGED'],
])

interface Details {
  readonly code?: unknown
  readonly errcode?: unknown
  readonly message?: unknown
}

/** What of `node:sqlite` and the system failed, as the error of this package; `what` begins the message, such as `cannot read a record`. */
export function toStoreError(err: unknown, what: string): StoreError {
  if (err instanceof StoreError) {
    return err
  }
  const { code, errcode, message } = (err ?? {}) as Details
  const text = `${what}: ${String(message ?? err)}`
  if (typeof errcode === 'number') {
    return new StoreError(CODES.get(errcode & 0xff) ?? 'STORE_FAILED', `${text} (SQLite ${errcode})`, { cause: err })
  }
  return new StoreError(NO_SPACE.has(code) ? 'STORE_FULL' : isDamage(err) ? 'STORE_DAMAGED' : 'STORE_FAILED', text, {
    cause: err,
  })
}

/** Whether a statement failed because of what is in the database. */
export function isDamage(err: unknown): boolean {
  const { code, errcode } = (err ?? {}) as Details
  // a number that does not fit into one of JavaScript: none such is written
  return code === 'ERR_OUT_OF_RANGE' || (typeof errcode === 'number' && CODES.get(errcode & 0xff) === 'STORE_DAMAGED')
}

/** Whether a write failed for a reason that SQLite does not tell. */
export function isFailedWrite(err: unknown): boolean {
  return ((err ?? {}) as Details).errcode === IOERR_WRITE
}
