export {
  smartRecordClient,
  type SmartRecordClient,
  type SmartRecordClientComponents,
  type SmartRecordClientInit,
  type Target,
} from './client.ts'
