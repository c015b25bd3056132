import type { MachineLimits } from '../limits.ts'
import type { RecordState } from '../records/record-state.ts'
import type { DecodedUpdate } from './codec-port.ts'
import { DOCUMENT_BYTES } from './cost.ts'
import { type QuotaDemand, replacesAll, shareOf } from './quota.ts'

/** What an update would add to a record. This machine's own document does not count. */
export function demandOf(
  record: RecordState,
  { writer, seq, content }: DecodedUpdate,
  cost: number,
  { self, limits }: { readonly self: string; readonly limits: MachineLimits },
): QuotaDemand {
  const owner = record.documents.get(writer)
  const replaces = replacesAll(content.body)
  let freed = 0
  if (replaces) {
    for (const live of owner?.live.values() ?? []) {
      freed += live.seq < seq ? live.cost : 0
    }
  }
  const share = shareOf(limits)
  let othersExcess = 0
  for (const [other, { cost: charged }] of record.documents) {
    othersExcess += other === writer || other === self ? 0 : Math.max(0, charged + DOCUMENT_BYTES - share)
  }
  return {
    cost,
    freed,
    removesOnly: content.removesOnly,
    newcomer: owner === undefined,
    writers: record.documents.size - (record.documents.has(self) ? 1 : 0),
    ownBytes: owner === undefined ? 0 : owner.cost + DOCUMENT_BYTES,
    othersExcess,
    slots: content.nodes + (replaces ? 0 : (owner?.document.slots ?? 0)),
  }
}
