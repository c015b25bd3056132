import type { DatabaseSync } from 'node:sqlite'
import { type EntryRow, FIELDS, Query } from './rows.ts'
import { isDamage } from './sqlite-error.ts'

/** An entry with all its columns. */
export interface CheckedRow extends EntryRow {
  readonly record_key: number
  readonly hash_key: number
  readonly bytes: Uint8Array
}

/** A row of the table, or one whose pages cannot be read. */
export type FoundRow =
  | { readonly row: CheckedRow }
  | { readonly id: number; readonly record: string; readonly reason: string }

const COLUMNS = `${FIELDS}, record_key, hash_key, bytes`
const PAGE = 256

/** All rows of the table in the order of their ids. When pages cannot be read, the ids come from what can be, the indexes included. */
export function* allRows(sql: DatabaseSync): Iterable<FoundRow> {
  const page = new Query(sql, `SELECT ${COLUMNS} FROM entries WHERE id > ? ORDER BY id LIMIT ${PAGE}`)
  let last = Number.MIN_SAFE_INTEGER
  for (;;) {
    let rows: CheckedRow[]
    try {
      rows = page.all<CheckedRow>(last)
    } catch (err) {
      if (!isDamage(err)) {
        throw err
      }
      yield* rowsOneByOne(sql, last)
      return
    }
    for (const row of rows) {
      yield { row }
    }
    const next = rows.at(-1)?.id
    // a damaged table would be read for ever
    if (next === undefined || rows.length < PAGE || !(next > last)) {
      return
    }
    last = next
  }
}

function* rowsOneByOne(sql: DatabaseSync, after: number): Iterable<FoundRow> {
  const byId = new Query(sql, `SELECT ${COLUMNS} FROM entries WHERE id = ?`)
  const found = readableIds(sql)
  for (const id of [...found.keys()].filter((one) => one > after).sort((a, b) => a - b)) {
    try {
      const row = byId.get<CheckedRow>(id)
      if (row !== undefined) {
        yield { row }
      }
    } catch (err) {
      if (!isDamage(err)) {
        throw err
      }
      yield { id, record: found.get(id) ?? '', reason: `its page cannot be read: ${String(err)}` }
    }
  }
}

/** Ids of rows with their record, if that is known. */
function readableIds(sql: DatabaseSync): Map<number, string> {
  const found = new Map<number, string>()
  const sources = [
    'SELECT id FROM entries NOT INDEXED ORDER BY id',
    'SELECT id FROM entries NOT INDEXED ORDER BY id DESC',
    'SELECT id FROM entries INDEXED BY entries_by_record ORDER BY record_key, hash_key',
    'SELECT id FROM entries INDEXED BY entries_by_record ORDER BY record_key DESC, hash_key DESC',
    'SELECT id, record FROM entries INDEXED BY entries_by_retain ORDER BY retain, record',
    'SELECT id, record FROM entries INDEXED BY entries_by_retain ORDER BY retain DESC, record DESC',
  ]
  for (const source of sources) {
    try {
      for (const { id, record } of sql.prepare(source).iterate()) {
        found.set(Number(id), String(record ?? found.get(Number(id)) ?? ''))
      }
    } catch (err) {
      if (!isDamage(err)) {
        throw err
      }
    }
  }
  return found
}
