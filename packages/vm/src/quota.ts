import { REMOVE, SET } from '@sr/ir'
import { isKind, type Node } from '@sr/xr'
import { type MachineLimits, REMOVAL_ROOM, RESERVE } from './limits.ts'

/** Charged for every update besides its bytes: index entry, stamp, bookkeeping. Many small updates are not cheaper than they are. */
const UPDATE_BYTES = 512

/** Charged for every node: what a slot costs in memory. */
const NODE_BYTES = 64

/** What somebody holds. */
export interface Usage {
  /** bytes charged */
  readonly bytes: number
  /** records in which something is held */
  readonly records: number
}

/** What an update would add, and to what. */
export interface Demand {
  /** bytes it is charged */
  readonly charge: number
  /** bytes it sets free, as far as that is known before it is applied */
  readonly freed: number
  /** it only removes */
  readonly removal: boolean
  /** it brings the writer into a record where it held nothing */
  readonly newcomer: boolean
  /** writers who hold something in that record already */
  readonly writers: number
  /** slots the document may come to */
  readonly slots: number
}

/** Which quota an update would break. */
export interface Excess {
  readonly scope: 'WRITER' | 'RECORD' | 'GLOBAL'
  readonly limit: keyof MachineLimits
  readonly max: number
  readonly got: number
}

/** What an update of so many verbatim bytes and nodes is charged until its `retain`. */
export function chargeOf(bytes: number, nodes: number): number {
  return bytes + UPDATE_BYTES + NODE_BYTES * nodes
}

/** The first quota that `demand` would break, or undefined. */
export function excess(demand: Demand, writer: Usage, all: number, limits: MachineLimits): Excess | undefined {
  const room = demand.removal ? REMOVAL_ROOM : 1
  const added = demand.charge - demand.freed
  // who held nothing may not use the reserve, so that the others can go on renewing what they have
  const allMax = limits.bytes * (writer.bytes === 0 ? 1 - RESERVE : 1)
  const bounds: Array<[Excess['scope'], keyof MachineLimits, number, number]> = [
    ['WRITER', 'bytesPerWriter', limits.bytesPerWriter * room, writer.bytes + added],
    ['WRITER', 'recordsPerWriter', limits.recordsPerWriter, writer.records + (demand.newcomer ? 1 : 0)],
    ['RECORD', 'writersPerRecord', limits.writersPerRecord, demand.writers + (demand.newcomer ? 1 : 0)],
    ['RECORD', 'slotsPerDocument', limits.slotsPerDocument * room, demand.slots],
    ['GLOBAL', 'bytes', allMax * room, all + added],
  ]
  for (const [scope, limit, max, got] of bounds) {
    if (got > max) {
      return { scope, limit, max: Math.floor(max), got }
    }
  }
  return undefined
}

/** Whether a body replaces the whole document, so that all said before it goes. */
export function replacesAll(body: Node): boolean {
  return isKind(body, 'predicate') && (body.tag === SET || body.tag === REMOVE)
}
