export { createMachine } from './create-machine.ts'
export type { LocalMachine, Machine, MachineInit } from './machine.ts'
export type { Receipt, SubmitOptions, UnsignedUpdate } from './admission/receipt.ts'
export type {
  DecodedUpdate,
  EncodedUpdate,
  ParsedUpdate,
  UpdateCodec,
  UpdateErrorCode,
  UpdateFields,
  UpdateHead,
} from './admission/codec-port.ts'
export type { DocumentView } from './records/record-state.ts'
export type { Usage } from './records/usage-tracker.ts'
export type { Store, StoreBatch, StoreEntry, StoreIndex, StoreRef } from './store/store.ts'
export { memoryStore, type MemoryStore } from './store/memory-store.ts'
export { systemClock, type Clock } from './time/clock.ts'
export type { Instant } from './time/effective-time.ts'
export { machineLimits, type MachineLimits } from './limits.ts'
export { FACTS, factOn } from './facts.ts'
export type { Counter } from './counters.ts'
export { VmError, type VmErrorCode, type VmErrorDetail } from './errors.ts'
