import { REMOVE, SET } from '@sr/ir'
import { isKind, type Node } from '@sr/xr'
import { type MachineLimits, REMOVAL_ROOM, RESERVE } from '../limits.ts'
import type { Usage } from '../store/store.ts'
import { DOCUMENT_BYTES } from './cost.ts'

/** What an update would add to its record and to its writer's usage. */
export interface QuotaDemand {
  /** bytes it is charged */
  readonly cost: number
  /** bytes it frees, as far as that is known before it is merged */
  readonly freed: number
  /** whether it only removes */
  readonly removesOnly: boolean
  /** whether its writer has no document in that record yet */
  readonly newcomer: boolean
  /** writers with a document in that record */
  readonly writers: number
  /** bytes charged to this writer's document in that record */
  readonly ownBytes: number
  /** bytes by which the documents of the others exceed the share of a writer, in all */
  readonly othersExcess: number
  /** slots the document may come to */
  readonly slots: number
}

/** A quota that an update would exceed. */
export interface QuotaExcess {
  readonly scope: 'WRITER' | 'RECORD' | 'GLOBAL'
  readonly limit: keyof MachineLimits
  readonly max: number
  readonly got: number
}

/** The first quota that `demand` would exceed, or undefined. `total` is what all writers are charged. */
export function exceededQuota(
  demand: QuotaDemand,
  usage: Usage,
  total: number,
  limits: MachineLimits,
): QuotaExcess | undefined {
  const room = demand.removesOnly ? REMOVAL_ROOM : 1
  const added = demand.cost - demand.freed + (demand.newcomer ? DOCUMENT_BYTES : 0)
  const records = usage.records + (demand.newcomer ? 1 : 0)
  const writers = demand.writers + (demand.newcomer ? 1 : 0)
  // a writer without any bytes may not use the reserve, so that the others can renew what they have
  const maxTotal = limits.bytes * (usage.bytes === 0 ? 1 - RESERVE : 1)
  const share = shareOf(limits)
  const own = demand.ownBytes + added
  // what is within a writer's share is always left to it; only what exceeds it competes for the rest of the record
  const excess = own > share ? demand.othersExcess + own - share : 0
  const bounds: Array<[QuotaExcess['scope'], keyof MachineLimits, number, number]> = [
    ['WRITER', 'bytesPerWriter', limits.bytesPerWriter * room, usage.bytes + added],
    ['WRITER', 'recordsPerWriter', limits.recordsPerWriter, records],
    ['RECORD', 'writersPerRecord', limits.writersPerRecord, writers],
    ['RECORD', 'bytesPerRecord', (limits.bytesPerRecord / 2) * room, excess],
    ['RECORD', 'slotsPerDocument', limits.slotsPerDocument * room, demand.slots],
    ['GLOBAL', 'bytes', maxTotal * room, total + added],
  ]
  return bounds
    .filter(([, , max, got]) => got > max)
    .map(([scope, limit, max, got]) => ({ scope, limit, max: Math.floor(max), got }))[0]
}

/**
 * Bytes of a record that each of its writers has for itself: half of the record, divided by the number of writers it may have. The
 * other half goes to those who come first. So no number of writers can keep one of them from writing.
 */
export function shareOf({ bytesPerRecord, writersPerRecord }: MachineLimits): number {
  return bytesPerRecord / 2 / writersPerRecord
}

/** Whether a body replaces the whole document, so that nothing of earlier updates remains. */
export function replacesAll(body: Node): boolean {
  return isKind(body, 'predicate') && (body.tag === SET || body.tag === REMOVE)
}
