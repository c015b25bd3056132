export type { ByteDuplex } from './duplex.ts'
export { duplexPair } from './memory-duplex.ts'
export { frame } from './frame.ts'
export { FrameReader } from './frame-reader.ts'
export { GatheringWriter } from './gathering-writer.ts'
export { keyBytes } from './key-bytes.ts'
export { Deadline, type AbortCause } from './deadline.ts'
export { FairScheduler, type FairSchedulerInit, type TurnKind } from './fair-scheduler.ts'
export { runAtOnce, runInSlices, type SlicedWork } from './slices.ts'
export { MemoryBudget } from './memory-budget.ts'
export { serveContext, type ServeContextInit } from './serve-context.ts'
export type { Account, RequestKind, Scheduler, ServeContext, ServerProtocol } from './seam.ts'
export type {
  ServedChanges,
  ServedDocument,
  ServedEvent,
  ServedExplanation,
  ServedInfo,
  ServedMachine,
  ServedPage,
  ServedPart,
  ServedPiece,
  ServedProblem,
  ServedQueryPage,
  ServedReceipt,
  ServedRow,
  ServedUpdate,
  ServedUpdatesPage,
  ServedWatch,
  SubmitOptions,
  TagStatus,
} from './machine.ts'
export type {
  ClientProtocol,
  ClientSession,
  DocumentView,
  Explanation,
  GetOptions,
  PeerInfo,
  QueryOptions,
  RecordUpdates,
  RecordView,
  RequestOptions,
  Submission,
  UpdateOptions,
  UpdateReceipt,
  WatchOptions,
  WatchPart,
} from './client.ts'
export type { Revision } from './messages/request.ts'
export { toRefusal, type LayerErrorCode, type Refusal } from './status.ts'
export { isRetryable, isStatus, STATUS_CODES, statusOfCode, type Status } from './status-codes.ts'
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
