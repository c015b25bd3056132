import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { DamagedEntry } from '@sr/vm'
import { allRows } from './all-rows.ts'
import { connect, type Database } from './database.ts'
import { FILES } from './files.ts'
import { syncFolder } from './marker.ts'
import { saveMeta } from './meta.ts'
import { openDatabase } from './open.ts'
import { damageOf, hashKey, hashText, recordKey } from './rows.ts'
import { createTables } from './schema.ts'
import { isDamage } from './sqlite-error.ts'

const COLUMNS = 'record, hash, retain, writer, charged_to, cost, flags, length, bytes_crc, crc, bytes'
const VALUES = '?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?'

type Values = Array<string | number | Uint8Array | null>

/**
 * Copies what can be read of a damaged database to a new one, which takes its place; the damaged file stays beside it, with the number of
 * commits in its name. The usage is not copied: it follows from the updates.
 */
export function salvage(database: Database): { readonly database: Database; readonly lost: readonly DamagedEntry[] } {
  const { folder } = database.options
  const fresh = join(folder, `${FILES.database}.new`)
  removeDatabase(fresh)
  const sql = connect(fresh, database.options)
  const lost: DamagedEntry[] = []
  try {
    sql.exec('BEGIN IMMEDIATE')
    createTables(sql)
    const entries = copyEntries(database, sql, lost)
    copyQuarantine(database, sql)
    saveMeta(sql, { ...database.meta, entries, bytes: 0, documents: 0 })
    sql.exec('COMMIT')
  } finally {
    sql.close()
  }
  const file = join(folder, FILES.database)
  const aside = `${file}.damaged-${database.meta.commits}`
  database.close()
  removeDatabase(aside)
  for (const suffix of ['', '-wal']) {
    if (existsSync(file + suffix)) {
      renameSync(file + suffix, aside + suffix)
    }
  }
  renameSync(fresh, file)
  syncFolder(folder)
  return { database: openDatabase(database.options, { tolerate: () => {}, onDamaged: () => {} }), lost }
}

/** Returns the number of intact updates. */
function copyEntries({ sql: from }: Database, to: Database['sql'], lost: DamagedEntry[]): number {
  const insert = to.prepare(`INSERT INTO entries (record_key, hash_key, ${COLUMNS}) VALUES (?, ?, ${VALUES})`)
  const setAside = to.prepare(`INSERT INTO quarantine (${COLUMNS}, reason) VALUES (${VALUES}, ?)`)
  let entries = 0
  for (const found of allRows(from)) {
    if ('reason' in found) {
      lost.push({ record: found.record, hash: undefined, reason: found.reason })
      continue
    }
    const { row } = found
    const reason = damageOf(row)
    const hash = hashText(row.hash)
    const values: Values = [
      row.record,
      row.hash,
      row.retain,
      row.writer,
      row.charged_to,
      row.cost,
      row.flags,
      row.length,
      row.bytes_crc,
      row.crc,
      row.bytes,
    ]
    if (reason === undefined && hash !== undefined) {
      insert.run(recordKey(row.record), hashKey(hash), ...values)
      entries++
    } else {
      setAside.run(...values, reason ?? 'it has no hash')
      lost.push({ record: row.record, hash, reason: reason ?? 'it has no hash' })
    }
  }
  return entries
}

function copyQuarantine({ sql: from }: Database, to: Database['sql']): void {
  const insert = to.prepare(`INSERT INTO quarantine (${COLUMNS}, reason) VALUES (${VALUES}, ?)`)
  try {
    for (const row of from.prepare(`SELECT ${COLUMNS}, reason FROM quarantine`).iterate()) {
      insert.run(...(Object.values(row) as Values))
    }
  } catch (err) {
    if (!isDamage(err)) {
      throw err
    }
  }
}

function removeDatabase(file: string): void {
  for (const suffix of ['', '-wal', '-journal']) {
    rmSync(file + suffix, { force: true })
  }
}
