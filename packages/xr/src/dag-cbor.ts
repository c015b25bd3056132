export { cid } from './codec/cid.ts'
export { code, decode, encode, name } from './codec/dag-cbor.ts'
export { canonical } from './codec/encode-cbor.ts'
