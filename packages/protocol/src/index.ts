export type { ByteDuplex } from './duplex.ts'
export { duplexPair } from './memory-duplex.ts'
export { frame } from './frame.ts'
export { FrameReader } from './frame-reader.ts'
export { Deadline, type AbortCause } from './deadline.ts'
export { FairScheduler, type FairSchedulerInit, type TurnKind } from './fair-scheduler.ts'
export { runAtOnce, runInSlices, type SlicedWork } from './slices.ts'
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
export {
  overLimit,
  ProtocolError,
  toStreamError,
  type Applied,
  type ProtocolErrorCode,
  type ProtocolErrorDetail,
} from './errors.ts'
export {
  FRAME_TIMEOUT_MS,
  HANDLER_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  MAX_BATCH_MS,
  MAX_FRAME_BYTES,
  MAX_KEY_BYTES,
  REQUEST_TIMEOUT_MS,
  SLICE_MS,
  WRITE_TIMEOUT_MS,
} from './limits.ts'
