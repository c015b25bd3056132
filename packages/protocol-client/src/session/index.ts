export { recordClientProtocol, type RecordClientInit } from './client-protocol.ts'
export { NegotiatedSession, type NegotiatedStream, type OpenNegotiated } from './negotiated-session.ts'
export { foldWatch, WatchedRecord, type WatchedDocument } from './watched-record.ts'
