export { decode, encode } from './codec.ts'
export { CborReader } from './reader.ts'
export { CborWriter } from './writer.ts'
export { CBOR_LIMITS, type CborLimits, type CborValue } from './value.ts'
