// The parts of the codecs that a codec for another form of the same nodes needs too.
export { ByteWriter } from './bytes/byte-writer.ts'
export { asciiAt, intAt, textAt } from './bytes/json-text.ts'
export { fromLatin1, latin1 } from './bytes/latin1.ts'
export { toUtf8 } from './bytes/utf8.ts'
export { compareBytes } from './bytes/compare.ts'
export { bitsOf } from './model/check.ts'
export { dictOf } from './model/dict.ts'
export { headSize } from './model/size.ts'
