export {
  smartRecordClient,
  type SmartRecordClient,
  type SmartRecordClientComponents,
  type SmartRecordClientInit,
  type Target,
} from './client.ts'
export {
  createExchange,
  type Exchange,
  type ExchangeInit,
  type GetOptions,
  type RequestOptions,
  type UpdateOptions,
} from './exchange.ts'
