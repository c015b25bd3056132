export {
  createUpdateCodec,
  type DecodedUpdate,
  type EncodedUpdate,
  type ParsedUpdate,
  type UpdateCodec,
  type UpdateCodecInit,
  type UpdateHead,
} from './codec.ts'
export { decodePayload, encodePayload, type PayloadHead, type UpdateExtra, type UpdateFields } from './payload.ts'
export {
  decodeEnvelope,
  encodeEnvelope,
  signedBytes,
  UPDATE_DOMAIN,
  UPDATE_PAYLOAD_TYPE,
  type Envelope,
} from './envelope.ts'
export { MAX_UPDATE_BYTES } from './limits.ts'
export { UPDATE_ERROR_CODES, UpdateError, type UpdateErrorCode, type UpdateErrorDetail } from './errors.ts'
