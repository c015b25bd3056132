import type { DatabaseSync } from 'node:sqlite'
import { FLAGS } from '../messages.ts'
import { valuesChecksum } from './checksum.ts'
import { Query } from './rows.ts'

// SQLite's pages have no checksums. A row protects itself, but a key of an index that was changed makes a look-up miss the row, and a record
// shows less than it has. So the store keeps, for each index, the sum of the checksums of its keys.

/** What an update has in the indexes. */
export interface IndexKeys {
  readonly id: number
  readonly record_key: number
  readonly hash_key: number
  readonly retain: number
  readonly record: string
  readonly flags: number
}

/** For each index the sum of the checksums of its keys. */
export interface IndexSums {
  record_sum: number
  retain_sum: number
  resumed_sum: number
}

export const NO_SUMS: Readonly<IndexSums> = { record_sum: 0, retain_sum: 0, resumed_sum: 0 }

/** One key of an index: its columns in their order. */
export type IndexKey = ReadonlyArray<number | string>

/** One index of the updates. */
export interface IndexPlan {
  readonly name: string
  readonly sum: keyof IndexSums
  readonly columns: ReadonlyArray<Exclude<keyof IndexKeys, 'flags'>>
  /** before the first key */
  readonly first: IndexKey
  /** flags of the updates that it has; all updates without */
  readonly flag?: number
}

const MIN = Number.MIN_SAFE_INTEGER

export const INDEXES: readonly IndexPlan[] = [
  { name: 'entries_by_record', sum: 'record_sum', columns: ['record_key', 'hash_key', 'id'], first: [MIN, MIN, MIN] },
  { name: 'entries_by_retain', sum: 'retain_sum', columns: ['retain', 'record', 'id'], first: [MIN, '', MIN] },
  { name: 'entries_resumed', sum: 'resumed_sum', columns: ['record', 'id'], first: ['', MIN], flag: FLAGS.resumed },
]

/** Sums stay below 2^48, so that they are exact. */
const MODULUS = 2 ** 48

/** Adds a checksum to a sum, or takes it away. */
export function addTo(sum: number, key: IndexKey, step: 1 | -1): number {
  return (sum + MODULUS + step * valuesChecksum(key)) % MODULUS
}

/** The key of an update in an index; undefined when that does not have it. */
export function keyIn({ columns, flag }: IndexPlan, keys: IndexKeys): IndexKey | undefined {
  return flag === undefined || (keys.flags & flag) !== 0 ? columns.map((column) => keys[column]) : undefined
}

/** Adds an update to the sums of all indexes, or takes it away. */
export function addKeys(sums: IndexSums, keys: IndexKeys, step: 1 | -1): void {
  for (const plan of INDEXES) {
    const key = keyIn(plan, keys)
    if (key !== undefined) {
      sums[plan.sum] = addTo(sums[plan.sum], key, step)
    }
  }
}

/** Reads pages of an index: the keys after one. It reads nothing of the table. */
export function indexPages(
  sql: DatabaseSync,
  { name, columns, flag }: IndexPlan,
): (after: IndexKey, limit: number) => IndexKey[] {
  const [list, marks] = [columns.join(', '), columns.map(() => '?').join(', ')]
  const where = flag === undefined ? '' : `flags & ${flag} AND`
  const query = new Query(
    sql,
    `SELECT ${list} FROM entries INDEXED BY ${name} WHERE ${where} (${list}) > (${marks}) ORDER BY ${list} LIMIT ?`,
  )
  return (after, limit) =>
    query
      .all<Record<string, number | string>>(...after, limit)
      .map((row) => columns.map((column) => row[column] as number | string))
}

/**
 * The sums of the indexes as they are.
 *
 * @throws what SQLite throws
 */
export function sumIndexes(sql: DatabaseSync): IndexSums {
  const sums: IndexSums = { ...NO_SUMS }
  for (const plan of INDEXES) {
    const list = plan.columns.join(', ')
    const where = plan.flag === undefined ? '' : `WHERE flags & ${plan.flag}`
    const statement = sql.prepare(`SELECT ${list} FROM entries INDEXED BY ${plan.name} ${where}`)
    for (const row of statement.iterate()) {
      sums[plan.sum] = addTo(
        sums[plan.sum],
        plan.columns.map((column) => row[column] as number | string),
        1,
      )
    }
  }
  return sums
}

/** The order of an index: below 0, 0 or above 0 as `a` is before `b`, is `b`, or is after it; NaN when one is of another type. */
export function compareKeys(a: IndexKey, b: IndexKey): number {
  for (const [n, one] of a.entries()) {
    const other = b[n]
    if (typeof one !== typeof other) {
      return Number.NaN
    }
    // SQLite compares texts by their bytes
    const order =
      typeof one === 'number'
        ? one - (other as number)
        : one === other
          ? 0
          : Buffer.compare(Buffer.from(one), Buffer.from(other as string))
    if (order !== 0) {
      return order
    }
  }
  return 0
}
