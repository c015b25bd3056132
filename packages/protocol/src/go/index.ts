export { goDocument } from './document.ts'
export { goMessage, type GoMessage, type GoMessageInit, type GoMessageType } from './message.ts'
export { goRecordValue, type GoRecordDecodeOptions } from './record-value.ts'
export { GoRecordWriter, type GoRecordEncodeOptions } from './record-writer.ts'
