export { recordServerProtocol } from './record-protocol.ts'
export type { RecordServerInit, RecordServerTimeouts } from './init.ts'
