export type { ByteDuplex } from './duplex.ts'
export { duplexPair } from './memory-duplex.ts'
export { frame } from './frame.ts'
export { FrameReader } from './frame-reader.ts'
export { Deadline, type AbortCause } from './deadline.ts'
export { yieldToEventLoop } from '@sr/runtime'
export { MemoryBudget } from './memory-budget.ts'
export { serveContext, type ServeContextInit } from './serve-context.ts'
export type {
  Account,
  ClientProtocol,
  ClientSession,
  GetOptions,
  RequestKind,
  RequestOptions,
  Scheduler,
  ServeContext,
  ServedDocument,
  ServedMachine,
  ServedReceipt,
  ServerProtocol,
  SubmitOptions,
  UpdateOptions,
} from './seam.ts'
export { toRefusal, STATUSES, type LayerErrorCode, type Refusal, type Status } from './status.ts'
export { overLimit, ProtocolError, type Applied, type ProtocolErrorCode, type ProtocolErrorDetail } from './errors.ts'
export {
  FRAME_TIMEOUT_MS,
  HANDLER_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  MAX_FRAME_BYTES,
  MAX_FRAMES_PER_TURN,
  MAX_KEY_BYTES,
  MAX_TURN_MS,
  REQUEST_TIMEOUT_MS,
  WRITE_TIMEOUT_MS,
} from './limits.ts'
