import type { DamagedEntry, IndexPage, DuePage, StoreIndex, StoreReport, StoreTotals, Usage } from '@sr/vm'
import type { StoreErrorCode } from './errors.ts'

// Arrays instead of objects: a structured clone writes the names of an object's properties with every object.

/** A `StoreIndex`. */
export type IndexFields = readonly [
  record: string,
  hash: string,
  retain: number,
  writer: string,
  chargedTo: string,
  cost: number,
  flags: number,
]

/** A `StoreEntry`; its bytes travel in the buffer of the message. */
export type EntryFields = readonly [...IndexFields, length: number]

/** The bits of `flags`. */
export const FLAGS = { resumed: 1, signed: 2, local: 4 } as const

/** A batch. */
export interface CommitArgument {
  readonly put: readonly EntryFields[]
  readonly drop: ReadonlyArray<readonly [record: string, hash: string]>
  readonly usage: ReadonlyArray<readonly [writer: string, bytes: number, records: number]>
}

/** The entries of a record, and what was damaged. */
export interface ReadValue {
  readonly entries: readonly EntryFields[]
  readonly damaged: readonly DamagedEntry[]
}

/** A `DueRecord`. */
export type DueFields = readonly [record: string, retain: number, entries: readonly IndexFields[] | undefined]

/** The calls of the thread: what they take and return. */
export interface Calls {
  open: { argument: undefined; value: undefined }
  commit: { argument: CommitArgument; value: undefined }
  quarantine: { argument: readonly [record: string, hash: string, reason: string]; value: undefined }
  saveTime: { argument: number; value: undefined }
  read: { argument: string; value: ReadValue }
  get: { argument: readonly [record: string, hash: string]; value: EntryFields | undefined }
  index: { argument: IndexPage; value: readonly IndexFields[] }
  due: { argument: DuePage; value: readonly DueFields[] }
  resumed: { argument: readonly [after: string, limit: number]; value: readonly string[] }
  usage: { argument: string; value: Usage }
  totals: { argument: undefined; value: StoreTotals }
  loadTime: { argument: undefined; value: number | undefined }
  check: { argument: boolean; value: StoreReport }
  close: { argument: undefined; value: undefined }
}

export type CallName = keyof Calls
export type Argument<Name extends CallName> = Calls[Name]['argument']
export type Value<Name extends CallName> = Calls[Name]['value']

/** A call of the thread. */
export type Request = {
  [Name in CallName]: { readonly id: number; readonly call: Name; readonly argument: Argument<Name> }
}[CallName]

/** What the thread answers to the request with this `id`. */
export interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly error?: { readonly code: StoreErrorCode; readonly message: string }
}

/** A message to the thread. `bytes` joins the bytes of all entries that are put. */
export interface RequestMessage {
  readonly requests: readonly Request[]
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** A message of the thread. `bytes` joins the bytes of all entries that are returned. */
export interface AnswerMessage {
  readonly answers: readonly Answer[]
  readonly bytes: Uint8Array<ArrayBuffer>
  /** damage that no answer reports, one sentence each */
  readonly damaged: readonly string[]
  /** number of request messages of which all requests are answered now */
  readonly done: number
}

/** The fields of an index entry in their order. */
export function toFields(index: StoreIndex): IndexFields {
  const { record, hash, retain, writer, chargedTo, cost, resumed, signed, local } = index
  const flags = (resumed ? FLAGS.resumed : 0) | (signed ? FLAGS.signed : 0) | (local ? FLAGS.local : 0)
  return [record, hash, retain, writer, chargedTo, cost, flags]
}

/** The index entry with these fields. */
export function fromFields(fields: IndexFields | EntryFields): StoreIndex {
  const [record, hash, retain, writer, chargedTo, cost, flags] = fields
  const has = (bit: number): boolean => (flags & bit) !== 0
  return {
    record,
    hash,
    retain,
    writer,
    chargedTo,
    cost,
    resumed: has(FLAGS.resumed),
    signed: has(FLAGS.signed),
    local: has(FLAGS.local),
  }
}
