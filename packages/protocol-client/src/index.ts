export { smartRecordClient } from './client.ts'
export type { SmartRecordClientComponents, SmartRecordClientInit } from './init.ts'
export { LocalSession } from './local-session.ts'
export {
  foldWatch,
  recordClientProtocol,
  WatchedRecord,
  type RecordClientInit,
  type WatchedDocument,
} from './session/index.ts'
export {
  createSigner,
  signedClientProtocol,
  signedSession,
  type SignedUpdate,
  type Signer,
  type SignerInit,
  type SigningDatastore,
  type SigningKey,
  type SignOptions,
} from './signing/index.ts'
export type { SmartRecordClient } from './smart-record-client.ts'
export type { Target } from './target.ts'
