export {
  smartRecordServer,
  type ServerLimits,
  type SmartRecordServer,
  type SmartRecordServerComponents,
  type SmartRecordServerInit,
} from './server.ts'
export { createLibp2pProber, type Libp2pProber, type Libp2pProberInit } from './libp2p-prober.ts'
export {
  serveSession,
  type ServerCounter,
  type SessionInit,
  type SessionMachine,
  type SessionTimeouts,
} from './session.ts'
