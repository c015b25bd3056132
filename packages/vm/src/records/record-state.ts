import { createDocument, type ApplyResult, type Document } from '@sr/ir'
import type { DecodedUpdate } from '../admission/codec-port.ts'
import { DOCUMENT_BYTES } from '../admission/cost.ts'
import type { StoreIndex } from '../store/store.ts'
import type { RecordSnapshot } from './document-view.ts'

/** A live update as kept in memory; its bytes are in the store. */
export interface LiveUpdate extends StoreIndex {
  readonly seq: number
}

/** One writer's document and the updates it was merged from. */
export interface WriterDocument {
  readonly document: Document
  /** by hash */
  readonly live: Map<string, LiveUpdate>
  /** number of live updates without a signature */
  unsigned: number
  /** sum of the costs of the live updates */
  cost: number
  /** whether two updates with the same seq were ever merged */
  forked: boolean
  /** whether the usage of the writer counts this document */
  counted: boolean
}

/** One record in memory. */
export interface RecordState {
  readonly id: string
  /** by writer */
  readonly documents: Map<string, WriterDocument>
  /** updates that the store has and nothing needs; the next commit drops them */
  unneeded: LiveUpdate[]
  /** the machine's counter when what this record shows changed last */
  counter: number
  /** what it shows, while that is known to be unchanged */
  snapshot: RecordSnapshot | undefined
}

/** An update that is merged in memory and not stored yet. */
export interface MergedUpdate {
  readonly update: DecodedUpdate
  readonly owner: WriterDocument
  readonly applied: ApplyResult
}

/** A record without documents. */
export function emptyRecord(id: string, counter: number): RecordState {
  return { id, documents: new Map(), unneeded: [], counter, snapshot: undefined }
}

/** A document that nothing was merged into. */
export function emptyDocument(): WriterDocument {
  return { document: createDocument(), live: new Map(), unsigned: 0, cost: 0, forked: false, counted: false }
}

/** Merges an update into its writer's document. A new document is added to the record when the update is stored. */
export function merge(record: RecordState, update: DecodedUpdate): MergedUpdate {
  const owner = record.documents.get(update.writer) ?? emptyDocument()
  const applied = owner.document.apply(update.content)
  owner.forked ||= applied.forked
  return { update, owner, applied }
}

/** When a record has something to prune next, after `now`: the earliest expiry or end of a tombstone; or undefined. */
export function nextExpiry(record: RecordState, now: number): number | undefined {
  let first: number | undefined
  for (const { document } of record.documents.values()) {
    const next = document.next(now)
    if (next !== undefined && (first === undefined || next < first)) {
      first = next
    }
  }
  return first
}

/** About how many slots are visited to show a record at `now`. */
export function slotsToShow({ documents }: RecordState, now: number): number {
  let sum = 0
  for (const { document } of documents.values()) {
    sum += document.toShow(now)
  }
  return sum
}

/** Bytes that a record is charged, an estimate of the memory it takes. */
export function chargedBytes({ documents }: RecordState): number {
  let sum = 0
  for (const { cost } of documents.values()) {
    sum += cost + DOCUMENT_BYTES
  }
  return sum
}

/** Adds a live update to a document, or removes it (`step` -1), apart from the merge. */
export function count(owner: WriterDocument, update: LiveUpdate, step: 1 | -1): void {
  owner.unsigned += update.signed ? 0 : step
  owner.cost += step * update.cost
  if (step === 1) {
    owner.live.set(update.hash, update)
  } else {
    owner.live.delete(update.hash)
  }
}
