export { GO_PROTOCOL } from './ids.ts'
export {
  DOCUMENT_LIMITS,
  EFFECTS_TIMEOUT_MS,
  FRAME_TIMEOUT_MS,
  HANDLER_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  MAX_FRAME_BYTES,
  MAX_FRAMES_PER_TURN,
  MAX_GO_TTL_S,
  MAX_KEY_BYTES,
  MAX_TTL_S,
  MAX_TURN_MS,
  REQUEST_TIMEOUT_MS,
  WRITE_TIMEOUT_MS,
} from './limits.ts'
export { overLimit, ProtocolError, type Applied, type ProtocolErrorCode, type ProtocolErrorDetail } from './errors.ts'
export { refusalOf, STATUSES, type Refusal, type Status } from './status.ts'
export { FrameReader } from './frame-reader.ts'
export { frame } from './frame.ts'
export type { ByteDuplex } from './duplex.ts'
export { duplexPair } from './memory-duplex.ts'
export { ProtobufReader, WireType } from './protobuf.ts'
export type {
  Account,
  ClientProtocol,
  ClientSession,
  Scheduler,
  ServeContext,
  ServedDocument,
  ServedMachine,
  ServedReceipt,
  ServerProtocol,
  SubmitOptions,
} from './seam.ts'
