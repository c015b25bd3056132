import type { Grammar } from '@sr/ir'
import type { UpdateCodec } from './admission/codec-port.ts'
import type { Receipt, SubmitOptions, UnsignedUpdate } from './admission/receipt.ts'
import type { Counter } from './counters.ts'
import type { MachineLimits } from './limits.ts'
import type { DocumentView } from './records/record-state.ts'
import type { Usage } from './records/usage-tracker.ts'
import type { Store } from './store/store.ts'
import type { Clock } from './time/clock.ts'
import type { Instant } from './time/effective-time.ts'

/** The parts of a machine. */
export interface MachineInit {
  /** peer id of this machine */
  readonly self: string
  /** encodes and decodes updates */
  readonly updates: UpdateCodec
  /** the smart tags that this machine answers; default: none */
  readonly grammar?: Grammar
  /** default: a store in memory */
  readonly store?: Store
  /** default: the clock of the process */
  readonly clock?: Clock
  /** numbers from 0 up to 1, for the digits of a seq below the clock's resolution; default: Math.random */
  readonly random?: () => number
  /** limits that differ from the defaults */
  readonly limits?: Partial<MachineLimits>
}

/** The part of a machine that protocols call. */
export interface Machine {
  /** peer id of this machine */
  readonly self: string
  readonly limits: MachineLimits
  /** whether calls are served: after `start` and before `close` */
  readonly running: boolean
  /** Admits an update without a signature; the caller must know that it comes from `update.writer`. */
  updateUnsigned(update: UnsignedUpdate, options?: SubmitOptions): Promise<Receipt>
  /** Admits the verbatim bytes of a signed update. */
  update(bytes: Uint8Array, options?: SubmitOptions): Promise<Receipt>
  /** What a record shows now, by writer, without anything expired; empty when there is no such record. */
  get(key: Uint8Array, options?: { signal?: AbortSignal }): Promise<ReadonlyMap<string, DocumentView>>
  start(): Promise<void>
  close(): Promise<void>
}

/** A machine with what its operator may ask. */
export interface LocalMachine extends Machine, AsyncDisposable {
  /** counts since the machine was created, by name */
  counters(): ReadonlyMap<Counter, number>
  /** the time that the machine uses, whether it is confirmed, and how long until it is */
  time(): Instant
  /**
   * Confirms the wall clock at once, as an hour of steady running does: for an operator who knows that it is right. A confirmed
   * time does not step back.
   */
  confirmTime(): Instant
  /** what a writer is charged for now */
  usage(writer: string): Usage
}
