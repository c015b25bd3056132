import type { DamagedEntry, StoreReport } from '@sr/vm'
import { checkUsage, type UsageDifference } from './check-usage.ts'
import type { Database, DatabaseOptions } from './database.ts'
import { openDatabase } from './open.ts'
import { allRows, type CheckedRow } from './all-rows.ts'
import { damageOf, hashKey, hashText, recordKey } from './rows.ts'
import { IN_QUARANTINE } from './quarantined.ts'
import { salvage } from './salvage.ts'
import { isDamage } from './sqlite-error.ts'
import { INDEXES, sumIndexes } from './index-sums.ts'
import { UsageTable } from './usage.ts'
import { Writer } from './writer.ts'

/** Problems of the database's structure in a report, at most. */
const MAX_PROBLEMS = 100

/** What was found, and the database afterwards: another one when it was written anew. */
export interface Checked {
  readonly report: StoreReport
  readonly database: Database
}

/** What is wrong with the rows of the table. */
interface RowFindings {
  entries: number
  readonly damaged: Array<{ readonly id: number; readonly entry: DamagedEntry }>
  /** rows whose short forms of record and hash are wrong */
  readonly misplaced: CheckedRow[]
}

/**
 * Compares everything in a store and mends it with `repair`. Without an open database it opens the folder's, also one that does not open
 * otherwise.
 *
 * @throws StoreError as `openDatabase`, but for what it can mend; what SQLite throws when it cannot write
 */
export function checkStore(
  open: Database | undefined,
  options: DatabaseOptions,
  { repair }: { readonly repair: boolean },
): Checked {
  const problems: string[] = []
  const note = (problem: string): void => {
    problems.push(problem)
  }
  let database = open ?? openDatabase(options, { tolerate: note, onDamaged: note })
  let lost: readonly DamagedEntry[] = []
  const structure = structureProblems(database)
  problems.push(...structure)
  const quarantined = inQuarantine(database)
  try {
    if (repair && structure.length > 0 && !reindex(database)) {
      ;({ database, lost } = salvage(database))
    }
    const rows = checkRows(database)
    problems.push(
      ...rows.misplaced.map(({ id, record }) => `update ${id} of record ${record} is not where it should be found`),
    )
    if (repair) {
      mendRows(database, rows)
    }
    const usage = checkUsage(database)
    problems.push(...usage.problems)
    if (problems.length === 0 && rows.damaged.length === 0) {
      problems.push(...sumProblems(database))
    }
    if (repair) {
      mendUsage(database, usage.differences)
      // what they have read is written anew
      database.indexCheck = undefined
      database.usageCheck = undefined
      database.acceptHead()
    }
    const damaged = [...lost, ...rows.damaged.map(({ entry }) => entry), ...quarantined]
    const isSound = problems.length === 0 && lost.length === 0 && rows.damaged.length === 0
    const repaired =
      isSound || (repair && structureProblems(database).length === 0 && checkUsage(database).problems.length === 0)
    return { report: { entries: rows.entries, damaged, problems, repaired }, database }
  } catch (err) {
    if (open === undefined) {
      database.close()
    }
    throw err
  }
}

/** What SQLite finds in its pages: tables and indexes that do not agree, cells that cannot be. */
function structureProblems({ sql }: Database): string[] {
  try {
    const found = sql
      .prepare(`PRAGMA integrity_check(${MAX_PROBLEMS})`)
      .all()
      .map(({ integrity_check: text }) => String(text))
    return found.length === 1 && found[0] === 'ok' ? [] : found
  } catch (err) {
    if (!isDamage(err)) {
      throw err
    }
    return [`the check of the database's structure failed: ${String(err)}`]
  }
}

/** Sums of indexes that are wrong although nothing else is. */
function sumProblems({ sql, meta }: Database): string[] {
  const sums = sumIndexes(sql)
  return INDEXES.filter(({ sum }) => sums[sum] !== meta[sum]).map(
    ({ name, sum }) => `the keys of the index ${name} add up to ${sums[sum]}; expected ${meta[sum]}`,
  )
}

/** Writes the indexes anew; returns whether that was all. */
function reindex(database: Database): boolean {
  try {
    database.transaction(() => database.sql.exec('REINDEX'))
  } catch (err) {
    if (!isDamage(err)) {
      throw err
    }
    return false
  }
  return structureProblems(database).length === 0
}

function checkRows(database: Database): RowFindings {
  const findings: RowFindings = { entries: 0, damaged: [], misplaced: [] }
  for (const found of allRows(database.sql)) {
    if ('reason' in found) {
      const { id, record, reason } = found
      findings.damaged.push({ id, entry: { record, hash: undefined, reason } })
      continue
    }
    const { row } = found
    const reason = damageOf(row)
    const hash = hashText(row.hash)
    if (reason !== undefined || hash === undefined) {
      const entry = { record: row.record, hash, reason: reason ?? 'it has no hash' }
      findings.damaged.push({ id: row.id, entry })
    } else {
      findings.entries++
      if (row.record_key !== recordKey(row.record) || row.hash_key !== hashKey(hash)) {
        findings.misplaced.push(row)
      }
    }
  }
  return findings
}

function mendRows(database: Database, { damaged, misplaced }: RowFindings): void {
  const writer = new Writer(database, new UsageTable(database.sql))
  const move = database.sql.prepare('UPDATE entries SET record_key = ?, hash_key = ? WHERE id = ?')
  database.transaction(() => {
    for (const { id, entry } of damaged) {
      writer.setAside(id, entry.reason)
    }
    for (const { id, record, hash } of misplaced) {
      move.run(recordKey(record), hashKey(String(hashText(hash))), id)
    }
  })
}

function mendUsage(database: Database, differences: readonly UsageDifference[]): void {
  const table = new UsageTable(database.sql)
  database.transaction(() => {
    for (const { writer, ...usage } of differences) {
      table.set(writer, usage)
    }
    const sums = 'SELECT ifnull(sum(bytes), 0) AS bytes, ifnull(sum(records), 0) AS documents FROM usage'
    const totals = {
      ...database.sql.prepare(sums).get(),
      ...database.sql.prepare('SELECT count(*) AS entries FROM entries').get(),
    }
    Object.assign(database.meta, totals, sumIndexes(database.sql))
  })
}

function inQuarantine({ sql }: Database): DamagedEntry[] {
  try {
    const rows = sql.prepare('SELECT record, hash, reason FROM quarantine').all()
    return rows.map(({ record, hash, reason }) => ({
      record: String(record),
      hash: hashText(hash),
      reason: IN_QUARANTINE + String(reason),
    }))
  } catch (err) {
    if (!isDamage(err)) {
      throw err
    }
    return [{ record: '', hash: undefined, reason: `the quarantine cannot be read: ${String(err)}` }]
  }
}
