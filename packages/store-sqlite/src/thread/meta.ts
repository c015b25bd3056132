import type { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../errors.ts'
import { valuesChecksum } from './checksum.ts'

/** The counters of a store. */
export interface Meta {
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

export const NO_META: Readonly<Meta> = { commits: 0, time: null, entries: 0, bytes: 0, documents: 0 }

/** @throws StoreError `STORE_DAMAGED` when the row is absent or not what was written */
export function readMeta(sql: DatabaseSync): Meta {
  const row = sql.prepare('SELECT commits, time, entries, bytes, documents, crc FROM meta').get() as
    | (Meta & { crc: number })
    | undefined
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
  const { commits, time, entries, bytes, documents } = meta
  const values = [commits, time, entries, bytes, documents, checksum(meta)]
  saveStatement(sql).run(...values)
}

const statements = new WeakMap<DatabaseSync, ReturnType<DatabaseSync['prepare']>>()

/** It runs in every transaction, so it is prepared once. */
function saveStatement(sql: DatabaseSync): ReturnType<DatabaseSync['prepare']> {
  let statement = statements.get(sql)
  if (statement === undefined) {
    statement = sql.prepare(
      'INSERT OR REPLACE INTO meta (id, commits, time, entries, bytes, documents, crc) VALUES (1, ?, ?, ?, ?, ?, ?)',
    )
    statements.set(sql, statement)
  }
  return statement
}

function checksum({ commits, time, entries, bytes, documents }: Meta): number {
  return valuesChecksum([commits, time, entries, bytes, documents])
}
