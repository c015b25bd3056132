export { smartRecordClient } from './client.ts'
export type { SmartRecordClientComponents, SmartRecordClientInit } from './init.ts'
export {
  foldWatch,
  recordClientProtocol,
  WatchedRecord,
  type RecordClientInit,
  type WatchedDocument,
} from './session/index.ts'
export type { SigningDatastore, SigningKey, SignOptions } from './signing/index.ts'
export type { SmartRecordClient } from './smart-record-client.ts'
export type { Target } from './target.ts'
