import type { StoreEntry, UsageChange } from '../store/store.ts'
import type { LiveUpdate, RecordState } from './record-state.ts'

/** What a batch changes in the usage of writers; marks the documents that the usage counts afterwards. */
export function usageChanges(
  record: RecordState,
  put: StoreEntry | undefined,
  drop: readonly LiveUpdate[],
): UsageChange[] {
  const changes = new Map<string, { writer: string; bytes: number; records: number }>()
  const of = (writer: string): { bytes: number; records: number } => {
    const change = changes.get(writer) ?? { writer, bytes: 0, records: 0 }
    changes.set(writer, change)
    return change
  }
  const remaining = new Map<string, number>()
  const step = (writer: string, by: number): void => {
    const live = record.documents.get(writer)?.live.size ?? 0
    remaining.set(writer, (remaining.get(writer) ?? live) + by)
  }
  if (put !== undefined) {
    of(put.chargedTo).bytes += put.cost
    step(put.writer, 1)
  }
  for (const { writer, hash, chargedTo, cost } of drop) {
    of(chargedTo).bytes -= cost
    step(writer, record.documents.get(writer)?.live.has(hash) === true ? -1 : 0)
  }
  for (const [writer, updates] of remaining) {
    const owner = record.documents.get(writer)
    if (owner !== undefined && owner.counted !== updates > 0) {
      owner.counted = updates > 0
      of(writer).records += updates > 0 ? 1 : -1
    }
  }
  return [...changes.values()]
}
