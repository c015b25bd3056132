export { smartRecordServer, type SmartRecordServer, type SmartRecordServerComponents } from './server.ts'
export type { ServerLimits, SmartRecordServerInit } from './init.ts'
export { recordServerProtocol, type RecordServerInit, type RecordServerTimeouts } from './session/index.ts'
