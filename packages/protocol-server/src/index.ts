export {
  smartRecordServer,
  type ServerLimits,
  type SmartRecordServer,
  type SmartRecordServerComponents,
  type SmartRecordServerInit,
} from './server.ts'
