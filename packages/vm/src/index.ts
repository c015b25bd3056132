export type { DecodedUpdate, Machine, Payload, Receipt, UnsignedUpdate, UpdateCodec, View } from './machine.ts'
