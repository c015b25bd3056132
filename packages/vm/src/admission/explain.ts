import type { Grammar } from '@sr/ir'
import { requestsOf, tagsOf } from '../effects/requests.ts'
import type { MachineLimits } from '../limits.ts'
import type { Explanation } from '../machine.ts'
import { recordId } from '../records/record-id.ts'
import { merge } from '../records/record-state.ts'
import type { RecordLoader } from '../records/record-loader.ts'
import type { Records } from '../records/records.ts'
import type { UsageTracker } from '../records/usage-tracker.ts'
import type { Admission } from './admission.ts'
import type { SubmitOptions, UnsignedUpdate } from './receipt.ts'

/** What an explanation works with. */
export interface ExplainInit {
  readonly admission: Admission
  readonly records: Records
  readonly loader: RecordLoader
  readonly usage: UsageTracker
  readonly grammar: Grammar
  readonly limits: MachineLimits
}

/** Takes an update through the checks of admission and merges it into a copy of its writer's document. It changes nothing. */
export async function explain(
  given: Uint8Array | UnsignedUpdate,
  { signal, ifSeq }: SubmitOptions,
  { admission, records, loader, usage, grammar, limits }: ExplainInit,
): Promise<Explanation> {
  const stamped = !ArrayBuffer.isView(given)
  const parsed = stamped ? undefined : await admission.parse(given as Uint8Array, ifSeq)
  const draft = parsed === undefined ? await admission.draft(given as UnsignedUpdate, ifSeq) : undefined
  const id = recordId((parsed ?? (draft as NonNullable<typeof draft>)).key)
  return await records.useFor(signal, id, async (record) => {
    const encoded =
      parsed === undefined
        ? await (draft as NonNullable<typeof draft>).encode(record)
        : await admission.verify(record, parsed, signal)
    const { update, bytes } = encoded
    const { cost, price } = await admission.judge(record, encoded, { stamped, ifSeq })
    const { owner, applied } = merge(await loader.copyOf(record.id, update.writer), update)
    const used = await usage.usage(update.writer)
    const stored = !applied.duplicate && !applied.dropped.includes(update.hash)
    return {
      receipt: {
        status: stored ? 'stored' : 'duplicate',
        changed: applied.changed,
        hash: update.hash,
        seq: owner.document.updates === 0 ? update.seq : owner.document.seq,
        counter: record.counter,
        bytes: bytes.length,
        cost: stored ? cost : 0,
        price: stored ? price : 0,
        expires: update.expires,
        retain: update.retain,
        forked: applied.forked,
      },
      tags: tagsOf(grammar, update.content),
      problems: requestsOf(grammar, update.content).problems,
      usage: used,
      left: {
        bytes: Math.max(0, limits.bytesPerWriter - used.bytes),
        records: Math.max(0, limits.recordsPerWriter - used.records),
        totalBytes: Math.max(0, limits.bytes - usage.total),
      },
    }
  })
}
