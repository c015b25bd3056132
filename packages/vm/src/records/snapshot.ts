import type { EventLoopBudget } from '@sr/runtime'
import type { EffectiveTime } from '../time/effective-time.ts'
import { DocumentView, type RecordSnapshot } from './document-view.ts'
import type { RecordState } from './record-state.ts'
import type { Revision } from '../watch/revision.ts'

/** Slots that may be shown before other work of the process runs, where a call is answered at once: about 1 ms. */
export const SLOTS_AT_ONCE = 4000

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
    const view = owner.document.view(now)
    const shown = view.tree
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
              ends: view.part()?.ends ?? 0,
            }),
      )
      until = Math.min(until, next ?? Infinity)
    }
  }
  return { revision, documents, since: now, until }
}

/** Shows the documents of a record one after the other, with other work of the process in between: 256 may have 300,000 slots. */
export async function showInTurns(
  { documents }: RecordState,
  { time, budget }: { readonly time: EffectiveTime; readonly budget: EventLoopBudget },
): Promise<void> {
  for (const { document } of documents.values()) {
    const { now } = time.read()
    const slots = document.toShow(now)
    if (slots > 0) {
      await budget.take(slots)
      document.view(now)
    }
  }
}
