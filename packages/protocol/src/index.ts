export * from './wire.ts'
export {
  createUpdateCodec,
  type DecodedUpdate,
  type UpdateCodec,
  type UpdateCodecInit,
  type UpdatePayload,
} from './signed-update.ts'
