import { StoreError, type StoreErrorCode } from '../store-error.ts'

const CODES: ReadonlySet<string> = new Set<StoreErrorCode>([
  'STORE_MISSING',
  'STORE_VERSION',
  'STORE_LOCKED',
  'STORE_FULL',
  'STORE_DAMAGED',
  'STORE_FAILED',
])

/**
 * How databases say that no space is left, by code, name or message: errno, LMDB, SQLite, IndexedDB. Adapters of interface-datastore
 * pass on the message alone.
 */
const FULL = /\b(?:ENOSPC|EDQUOT|EFBIG|MDB_MAP_FULL|SQLITE_FULL|QuotaExceededError)\b|no space left|disk is full/i
/** LevelDB, LMDB, SQLite. */
const LOCKED = /\b(?:LEVEL_LOCKED|SQLITE_BUSY|SQLITE_LOCKED)\b|database is locked/i

/** Causes of an error that are looked at. */
const DEPTH = 8

/** The error of a store for an error of its engine. `isWritten` when a part of what was to be written may be there. */
export function storeFailure(
  what: string,
  cause: unknown,
  { isWritten = false }: { readonly isWritten?: boolean } = {},
): StoreError {
  if (cause instanceof StoreError) {
    return cause
  }
  const texts = textsOf(cause)
  const code = texts.find((text): text is StoreErrorCode => CODES.has(text)) ?? codeOf(texts)
  const safe = code === 'STORE_FULL' && isWritten ? 'STORE_FAILED' : code
  return new StoreError(safe, `the engine failed ${what}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    cause,
  })
}

function codeOf(texts: readonly string[]): StoreErrorCode {
  return texts.some((text) => FULL.test(text))
    ? 'STORE_FULL'
    : texts.some((text) => LOCKED.test(text))
      ? 'STORE_LOCKED'
      : 'STORE_FAILED'
}

/** Code, name and message of an error and of its causes. */
function textsOf(err: unknown): string[] {
  const texts: string[] = []
  let next = err
  for (let depth = 0; depth < DEPTH && typeof next === 'object' && next !== null; depth++) {
    const { code, name, message, cause } = next as Record<string, unknown>
    texts.push(...[code, name, message].filter((text) => typeof text === 'string'))
    next = cause
  }
  return typeof err === 'string' ? [err] : texts
}
