import { REMOVE, SET } from '@sr/ir'
import { isKind, type Node } from '@sr/xr'
import { type MachineLimits, REMOVAL_ROOM, RESERVE } from '../limits.ts'
import { DOCUMENT_BYTES, type Usage } from '../records/usage-tracker.ts'

// What things take in memory, with the store in memory and the shown tree cached: `npm run bench -- charges` compares both.

/** Charged for every update besides its bytes: index entry, stamp, bookkeeping. It keeps many small updates from being cheap. */
export const UPDATE_BYTES = 512

/** Charged for every byte of an update: the store has it, and the document. */
const BYTES_FACTOR = 2

/** Charged for every node: a slot, its key, its place in the shown tree. */
const NODE_BYTES = 120

/** Charged for every node that is an object, besides: maps of its children in the document and in the shown tree. */
const OBJECT_BYTES = 430

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

/** What an update of so many verbatim bytes and nodes, objects among them, is charged until its `retain`. */
export function costOf(bytes: number, nodes: number, objects: number): number {
  return BYTES_FACTOR * bytes + UPDATE_BYTES + NODE_BYTES * nodes + OBJECT_BYTES * objects
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
  const bounds: Array<[QuotaExcess['scope'], keyof MachineLimits, number, number]> = [
    ['WRITER', 'bytesPerWriter', limits.bytesPerWriter * room, usage.bytes + added],
    ['WRITER', 'recordsPerWriter', limits.recordsPerWriter, records],
    ['RECORD', 'writersPerRecord', limits.writersPerRecord, writers],
    ['RECORD', 'slotsPerDocument', limits.slotsPerDocument * room, demand.slots],
    ['GLOBAL', 'bytes', maxTotal * room, total + added],
  ]
  return bounds
    .filter(([, , max, got]) => got > max)
    .map(([scope, limit, max, got]) => ({ scope, limit, max: Math.floor(max), got }))[0]
}

/** Whether a body replaces the whole document, so that nothing of earlier updates remains. */
export function replacesAll(body: Node): boolean {
  return isKind(body, 'predicate') && (body.tag === SET || body.tag === REMOVE)
}
