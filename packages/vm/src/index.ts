export { createMachine } from './create-machine.ts'
export type { Explanation, LocalMachine, Machine, MachineInfo, MachineInit, TagStatus, Watch } from './machine.ts'
export type {
  GetOptions,
  Page,
  PagedDocument,
  PageOptions,
  QueryOptions,
  QueryPage,
  QueryRow,
  RecordView,
  UpdatesOptions,
  UpdatesPage,
} from './query/reads.ts'
export type { Row } from './query/select-rows.ts'
export type {
  ChangesPart,
  DocumentChanges,
  GapPart,
  MarkerPart,
  ResetPart,
  SnapshotPart,
  UpdatesPart,
  WatchedDocument,
  WatchEvent,
  WatchOptions,
  WatchPart,
} from './watch/parts.ts'
export type { ComponentLogger, Log, MachineEvent, Metrics } from './observe.ts'
export type { Charge, Meter, Price } from './admission/meter.ts'
export type { Receipt, SubmitOptions, UnsignedUpdate, Via } from './admission/receipt.ts'
export type {
  DecodedUpdate,
  EncodedUpdate,
  ParsedUpdate,
  UpdateCodec,
  UpdateErrorCode,
  UpdateFields,
  UpdateHead,
} from './admission/codec-port.ts'
export type { DocumentView } from './records/document-view.ts'
export type { Revision } from './watch/revision.ts'
export type {
  DamagedEntry,
  DuePage,
  DueRecord,
  IndexPage,
  MaybePromise,
  Store,
  StoreBatch,
  StoredRecord,
  StoreEntry,
  StoreIndex,
  StoreRef,
  StoreReport,
  StoreTotals,
  Usage,
  UsageChange,
} from './store/store.ts'
export { memoryStore, type MemoryStore } from './store/memory-store.ts'
export { systemClock, type Clock } from './time/clock.ts'
export type { Instant } from './time/effective-time.ts'
export { machineLimits, type MachineLimits } from './limits.ts'
export type { FeedGap, FeedOptions, FeedPosition, StoreEvent } from './feed/feed.ts'
export { recordId, recordKey } from './records/record-id.ts'
export { FACTS, factOn } from './facts.ts'
export type { Counter } from './counters.ts'
export { VmError, type VmErrorCode, type VmErrorDetail } from './errors.ts'
