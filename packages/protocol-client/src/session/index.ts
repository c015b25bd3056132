export { recordClientProtocol, type RecordClientInit } from './client-protocol.ts'
