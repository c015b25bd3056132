import { DocumentView, type RecordSnapshot } from './document-view.ts'
import type { RecordState } from './record-state.ts'
import type { Revision } from '../watch/revision.ts'
/** Computes what a record shows at `now`; documents that have not changed since `before` keep their view. */
export function takeSnapshot(
  record: RecordState,
  now: number,
  revision: Revision,
  before: ReadonlyMap<string, DocumentView> | undefined,
): RecordSnapshot {
  const documents = new Map<string, DocumentView>()
  let until = Infinity
  for (const [writer, owner] of record.documents) {
    const shown = owner.document.show(now)
    if (shown !== undefined) {
      const next = owner.document.nextChange(now)
      const old = before?.get(writer)
      const signed = owner.unsigned === 0
      const same =
        old?.document === shown && old.next === next && old.signed === signed && old.seq === owner.document.seq
      documents.set(
        writer,
        same
          ? old
          : new DocumentView(shown, next, {
              seq: owner.document.seq,
              signed,
              forked: owner.forked,
              ends: owner.document.view(now).part()?.ends ?? 0,
            }),
      )
      until = Math.min(until, next ?? Infinity)
    }
  }
  return { revision, documents, since: now, until }
}
