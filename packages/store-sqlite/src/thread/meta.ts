import type { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../errors.ts'
import { valuesChecksum } from './checksum.ts'
import { type IndexSums, NO_SUMS } from './index-sums.ts'

/** The counters of a store. */
export interface Meta extends IndexSums {
  /** transactions so far */
  commits: number
  /** the time that was saved last, milliseconds since 1970 */
  time: number | null
  /** live updates */
  entries: number
  /** sum of the usage of all writers, bytes charged */
  bytes: number
  /** sum of the records of all writers */
  documents: number
}

export const NO_META: Readonly<Meta> = { commits: 0, time: null, entries: 0, bytes: 0, documents: 0, ...NO_SUMS }

const COLUMNS = [
  'commits',
  'time',
  'entries',
  'bytes',
  'documents',
  'record_sum',
  'retain_sum',
  'resumed_sum',
] as const satisfies ReadonlyArray<keyof Meta>

/** @throws StoreError `STORE_DAMAGED` when the row is absent or not what was written */
export function readMeta(sql: DatabaseSync): Meta {
  const row = sql.prepare(`SELECT ${COLUMNS.join(', ')}, crc FROM meta`).get() as (Meta & { crc: number }) | undefined
  if (row === undefined) {
    throw new StoreError('STORE_DAMAGED', 'the counters of the store are gone')
  }
  const { crc, ...meta } = { ...row }
  if (crc !== checksum(meta)) {
    throw new StoreError(
      'STORE_DAMAGED',
      `the counters of the store have the checksum ${checksum(meta)}; expected ${crc}`,
    )
  }
  return meta
}

/** Writes the row. */
export function saveMeta(sql: DatabaseSync, meta: Meta): void {
  saveStatement(sql).run(...valuesOf(meta), checksum(meta))
}

const statements = new WeakMap<DatabaseSync, ReturnType<DatabaseSync['prepare']>>()

/** It runs in every transaction, so it is prepared once. */
function saveStatement(sql: DatabaseSync): ReturnType<DatabaseSync['prepare']> {
  let statement = statements.get(sql)
  if (statement === undefined) {
    statement = sql.prepare(
      `INSERT OR REPLACE INTO meta (id, ${COLUMNS.join(', ')}, crc) VALUES (1, ${COLUMNS.map(() => '?').join(', ')}, ?)`,
    )
    statements.set(sql, statement)
  }
  return statement
}

/** The checksum of a row. */
export function checksum(meta: Meta): number {
  return valuesChecksum(valuesOf(meta))
}

function valuesOf(meta: Meta): Array<number | null> {
  return COLUMNS.map((column) => meta[column])
}
