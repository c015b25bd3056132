export {
  smartRecordClient,
  type SmartRecordClient,
  type SmartRecordClientComponents,
  type SmartRecordClientInit,
} from './client.ts'
export type { Target } from './target.ts'
