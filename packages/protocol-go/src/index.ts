export { goDocument } from './codec/document.ts'
export { goMessage, type GoMessage, type GoMessageInit, type GoMessageType } from './codec/message.ts'
export { goRecordValue, type GoRecordDecodeOptions } from './codec/record-value.ts'
export { GoRecordWriter, type GoRecordEncodeOptions } from './codec/record-writer.ts'
