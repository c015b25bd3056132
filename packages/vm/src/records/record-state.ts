import { createDocument, type ApplyResult, type Document } from '@sr/ir'
import type { Dict } from '@sr/xr'
import type { DecodedUpdate } from '../admission/codec-port.ts'
import type { StoreIndex } from '../store/store.ts'

/** A live update as kept in memory; its bytes are in the store. */
export interface LiveUpdate extends StoreIndex {
  readonly seq: number
  readonly signed: boolean
}

/** One writer's document and the updates it was merged from. */
export interface WriterDocument {
  readonly document: Document
  /** by hash */
  readonly live: Map<string, LiveUpdate>
  /** number of live updates without a signature */
  unsigned: number
  /** whether two updates with the same seq were ever merged */
  forked: boolean
}

/** One record in memory. */
export interface RecordState {
  readonly id: string
  /** by writer */
  readonly documents: Map<string, WriterDocument>
  /** updates that nothing needs and that the store failed to delete so far */
  pendingDeletes: LiveUpdate[]
}

/** One writer's document as it shows now. */
export interface DocumentView {
  readonly document: Dict
  /** whether every update behind it carries its author's signature */
  readonly signed: boolean
  /** when it shows something else by expiry, milliseconds since 1970; undefined when never */
  readonly next: number | undefined
}

/** An update that is merged in memory and not stored yet. */
export interface MergedUpdate {
  readonly update: DecodedUpdate
  readonly owner: WriterDocument
  readonly applied: ApplyResult
}

/** Merges an update into its writer's document. A new document is added to the record when the update is stored. */
export function merge(record: RecordState, update: DecodedUpdate): MergedUpdate {
  const owner: WriterDocument = record.documents.get(update.writer) ?? {
    document: createDocument(),
    live: new Map<string, LiveUpdate>(),
    unsigned: 0,
    forked: false,
  }
  const applied = owner.document.apply(update.content)
  owner.forked ||= applied.forked
  return { update, owner, applied }
}

/** What a record shows at `now`, by writer. */
export function show(record: RecordState, now: number): Map<string, DocumentView> {
  const views = new Map<string, DocumentView>()
  for (const [writer, { document, unsigned }] of record.documents) {
    const shown = document.show(now)
    if (shown !== undefined) {
      views.set(writer, { document: shown, signed: unsigned === 0, next: document.nextChange(now) })
    }
  }
  return views
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

/** Adds a live update to a document, or removes it (`step` -1), apart from the merge. */
export function count(owner: WriterDocument, update: LiveUpdate, step: 1 | -1): void {
  owner.unsigned += update.signed ? 0 : step
  if (step === 1) {
    owner.live.set(update.hash, update)
  } else {
    owner.live.delete(update.hash)
  }
}
