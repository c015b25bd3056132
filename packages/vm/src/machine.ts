import type { Grammar } from '@sr/ir'
import type { Clock } from './clock.ts'
import type { Counter } from './counters.ts'
import type { MachineLimits } from './limits.ts'
import type { HandIn, Receipt, UnsignedUpdate, View } from './receipt.ts'
import type { Store } from './store.ts'
import type { UpdateCodec } from './update-codec.ts'

/** What a machine is made of. */
export interface MachineInit {
  /** the serving peer's id */
  readonly self: string
  /** the format of updates */
  readonly updates: UpdateCodec
  /** what smart tags mean here; default: nothing */
  readonly grammar?: Grammar
  /** default: a store in memory */
  readonly store?: Store
  /** default: the clock of the running program */
  readonly clock?: Clock
  /** from 0 up to 1, for the digits of a seq that the clock does not tell; default: Math.random */
  readonly random?: () => number
  /** what is granted; the defaults for what is left out */
  readonly limits?: Partial<MachineLimits>
}

/** The smallest machine the protocol layers need; `createMachine` returns more. */
export interface Machine {
  /** the serving peer's id */
  readonly self: string
  /** what is granted here */
  readonly limits: MachineLimits
  /** Hands in an update that nobody signed; its writer is whoever the connection says. */
  updateUnsigned(update: UnsignedUpdate, options?: { signal?: AbortSignal }): Promise<Receipt>
  /** Hands in verbatim update bytes. */
  update(bytes: Uint8Array, options?: HandIn): Promise<Receipt>
  /** The record as it shows now: peer id → view, nothing expired; empty when there is none. */
  get(key: Uint8Array, options?: { signal?: AbortSignal }): Promise<ReadonlyMap<string, View>>
  start(): Promise<void>
  close(): Promise<void>
}

/** A machine with what its operator asks of it. */
export interface LocalMachine extends Machine, AsyncDisposable {
  /** What has happened so far, by name. */
  counters(): ReadonlyMap<Counter, number>
  /** What a writer is charged for now. */
  usage(writer: string): { readonly bytes: number; readonly records: number }
}
