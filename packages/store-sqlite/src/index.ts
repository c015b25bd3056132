export { StoreError, type StoreErrorCode } from './errors.ts'
export { sqliteStore, type SqliteStore, type SqliteStoreOptions } from './sqlite-store.ts'
