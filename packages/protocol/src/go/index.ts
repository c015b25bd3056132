export { goDocument } from './document.ts'
export { goMessage, type GoMessage, type GoMessageInit, type GoMessageType } from './message.ts'
export { goRecordValue, type GoRecordDecodeOptions, type GoRecordEncodeOptions } from './record-value.ts'
