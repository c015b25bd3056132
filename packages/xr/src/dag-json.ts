export { code, decode, encode, name } from './codec/dag-json.ts'
