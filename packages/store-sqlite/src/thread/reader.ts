import type { DamagedEntry, DuePage, IndexPage } from '@sr/vm'
import type { DueFields, EntryFields, IndexFields } from '../messages.ts'
import { StoreError } from '../errors.ts'
import type { Database } from './database.ts'
import { compareKeys, type IndexKey } from './index-sums.ts'
import {
  damageOf,
  entryFields,
  type EntryRow,
  FIELDS,
  hashKey,
  hashText,
  indexFields,
  Query,
  recordKey,
} from './rows.ts'
import { isDamage } from './sqlite-error.ts'

/** An update with its bytes. */
export interface Found {
  readonly fields: EntryFields
  readonly bytes: Uint8Array
}

/** What a reader does with damage. */
export interface DamageHandling {
  /** Moves an update to the quarantine, if that is possible. */
  readonly setAside: (id: number, reason: string) => void
  /** Reports damage that no answer reports. */
  readonly report: (reason: string) => void
}

/** After the digits of all hashes. */
const LAST_HASH = 'g'

/** A place in the order of the index. */
type Cursor = readonly [retain: number, record: string, hash: string]

const FIRST: Cursor = [Number.MIN_SAFE_INTEGER, '', LAST_HASH]

/** Reads the tables, outside of a transaction. What is damaged is not returned. */
export class Reader {
  readonly #damage: DamageHandling
  readonly #record: Query
  readonly #recordFields: Query
  readonly #ids: Query
  readonly #byId: Query
  readonly #fieldsById: Query
  readonly #entry: Query
  readonly #page: Query
  readonly #ties: Query
  readonly #tieKeys: Query
  readonly #keys: Query
  readonly #resumed: Query

  constructor({ sql }: Database, damage: DamageHandling) {
    this.#damage = damage
    this.#record = new Query(sql, `SELECT ${FIELDS}, bytes FROM entries WHERE record_key = ?`)
    this.#recordFields = new Query(sql, `SELECT ${FIELDS} FROM entries WHERE record_key = ?`)
    this.#ids = new Query(sql, 'SELECT id FROM entries WHERE record_key = ?')
    this.#byId = new Query(sql, `SELECT ${FIELDS}, bytes FROM entries WHERE id = ?`)
    this.#fieldsById = new Query(sql, `SELECT ${FIELDS} FROM entries WHERE id = ?`)
    this.#entry = new Query(sql, `SELECT ${FIELDS}, bytes FROM entries WHERE record_key = ? AND hash_key = ?`)
    const after = 'WHERE retain <= ? AND (retain, record) > (?, ?)'
    this.#page = new Query(sql, `SELECT ${FIELDS} FROM entries ${after} ORDER BY retain, record, hash LIMIT ?`)
    this.#keys = new Query(sql, `SELECT id, retain, record FROM entries ${after} ORDER BY retain, record LIMIT ?`)
    this.#ties = new Query(sql, `SELECT ${FIELDS} FROM entries WHERE retain = ? AND record = ? ORDER BY hash`)
    this.#tieKeys = new Query(sql, 'SELECT id, retain, record FROM entries WHERE retain = ? AND record = ?')
    this.#resumed = new Query(
      sql,
      'SELECT DISTINCT record FROM entries WHERE flags & 1 AND record > ? ORDER BY record LIMIT ?',
    )
  }

  read(record: string): { readonly found: readonly Found[]; readonly damaged: readonly DamagedEntry[] } {
    const damaged: DamagedEntry[] = []
    const rows = this.#rowsOf(record, damaged)
    const found: Found[] = []
    for (const row of rows) {
      const reason = damageOf(row)
      if (reason !== undefined) {
        // of another record with the same short form or of this one: the row cannot tell
        this.#damage.setAside(row.id, reason)
        damaged.push({ record, hash: hashText(row.hash), reason })
      } else if (row.record === record) {
        found.push(toFound(row))
      }
    }
    return { found, damaged }
  }

  get(record: string, hash: string): Found | undefined {
    const rows = this.#entry.all(recordKey(record), hashKey(hash))
    const row = this.#intact(rows).find((one) => one.record === record && hashText(one.hash) === hash)
    return row === undefined ? undefined : toFound(row)
  }

  index({ after, until = Infinity, limit }: IndexPage): IndexFields[] {
    const page: EntryRow[] = []
    let [retain, record, hash] = after === undefined ? FIRST : [after.retain, after.record, after.hash]
    while (page.length < limit && retain <= until) {
      const wanted = limit - page.length
      const rows = this.#pageRows(until, [retain, record, hash], wanted)
      const last = rows.at(-1)
      if (last === undefined) {
        break
      }
      page.push(...this.#intact(rows))
      const next: Cursor = [last.retain, last.record, hashText(last.hash) ?? LAST_HASH]
      if (!isAfter(next, [retain, record, hash])) {
        assertEnd(rows.length < wanted)
        break
      }
      ;[retain, record, hash] = next
    }
    return page.slice(0, limit).map(indexFields)
  }

  due({ after, until, limit }: DuePage): DueFields[] {
    const due: DueFields[] = []
    /** records that need no second look in this page */
    const seen = new Set<string>()
    let [retain, record] = after === undefined ? FIRST : [after.retain, after.record, LAST_HASH]
    while (due.length < limit) {
      const keys = this.#keys.all(until, retain, record, limit)
      for (const key of keys) {
        const found = seen.has(key.record) || due.length === limit ? 'seen' : this.#dueOf(key, until)
        if (found !== undefined) {
          seen.add(key.record)
        }
        if (typeof found === 'object') {
          due.push(found)
        }
      }
      const last = keys.at(-1)
      if (last === undefined || keys.length < limit) {
        break
      }
      assertEnd(isAfter([last.retain, last.record], [retain, record]))
      ;[retain, record] = [last.retain, last.record]
    }
    return due
  }

  resumed(after: string, limit: number): string[] {
    return this.#resumed.all(after, limit).map(({ record }) => record)
  }

  /** The rows with the short form of a record. One whose pages cannot be read is damaged; the others are returned. */
  #rowsOf(record: string, damaged: DamagedEntry[]): EntryRow[] {
    const key = recordKey(record)
    try {
      return this.#record.all(key)
    } catch (err) {
      if (!isDamage(err)) {
        throw err
      }
    }
    return this.#ids.all(key).flatMap(({ id }) => {
      try {
        return this.#byId.all(id)
      } catch (err) {
        damaged.push({ record, hash: undefined, reason: String(err) })
        return []
      }
    })
  }

  #intact(rows: readonly EntryRow[]): EntryRow[] {
    return rows.filter((row) => {
      const reason = damageOf(row)
      if (reason !== undefined) {
        this.#handle(row, reason)
      }
      return reason === undefined
    })
  }

  /** A row that was read by an index: what is damaged is the index when the row itself is intact. */
  #handle({ id, record }: EntryRow, reason: string): void {
    let row: EntryRow | undefined
    try {
      row = this.#byId.get(id)
    } catch (err) {
      this.#damage.report(`update ${id} of record ${record} cannot be read: ${String(err)}`)
      return
    }
    if (row === undefined || damageOf(row) === undefined) {
      this.#damage.report(`an index does not agree with update ${id} of record ${row?.record ?? record}`)
    } else {
      this.#damage.setAside(id, reason)
      this.#damage.report(`update ${String(hashText(row.hash))} of record ${row.record}: ${reason}`)
    }
  }

  /** Entries after a place in the index: first those with its retain and record, then those after. */
  #pageRows(until: number, [retain, record, hash]: Cursor, limit: number): EntryRow[] {
    if (hash < LAST_HASH) {
      const ties = this.#rows(this.#ties, this.#tieKeys, [retain, record]).filter(
        (row) => (hashText(row.hash) ?? LAST_HASH) > hash,
      )
      if (ties.length > 0) {
        return ties.slice(0, limit)
      }
    }
    return this.#rows(this.#page, this.#keys, [until, retain, record, limit])
  }

  /** What `query` returns; when a page of the table cannot be read, the rows of the keys that `keys` finds in an index. */
  #rows(query: Query, keys: Query, values: ReadonlyArray<number | string>): EntryRow[] {
    try {
      return query.all(...values)
    } catch (err) {
      if (!isDamage(err)) {
        throw err
      }
    }
    return keys.all(...values).map((key) => {
      try {
        return this.#fieldsById.get(key.id) ?? key
      } catch {
        // without most of its fields it fails its checksum, and is read once more to find out why
        return key
      }
    })
  }

  /**
   * The record of a key of the index, if its earliest update is this one. `seen`: a key before had it. Undefined: look again
   * at another key of the record.
   */
  #dueOf(key: EntryRow, until: number): DueFields | 'seen' | undefined {
    const { record, retain } = key
    let all: EntryRow[]
    try {
      all = this.#recordFields.all(recordKey(record))
    } catch (err) {
      if (!isDamage(err)) {
        throw err
      }
      this.#damage.report(`record ${record} has expired and cannot be read: ${String(err)}`)
      return 'seen'
    }
    if (!all.some((row) => row.id === key.id)) {
      this.#handle(key, 'absent from its record')
    }
    const rows = this.#intact(all).filter((row) => row.record === record)
    const earliest = Math.min(...rows.map((row) => row.retain))
    if (earliest !== retain) {
      return earliest < retain ? 'seen' : undefined
    }
    return [record, retain, rows.every((row) => row.retain <= until) ? rows.map(indexFields) : undefined]
  }
}

/** Whether a place of the index is after another; damage may have it otherwise. */
function isAfter(next: IndexKey, before: IndexKey): boolean {
  return compareKeys(next, before) > 0
}

/**
 * Ends a page that makes no progress: a damaged index would be read for ever.
 *
 * @throws StoreError `STORE_DAMAGED` when there may be more
 */
function assertEnd(isEnd: boolean): void {
  if (!isEnd) {
    throw new StoreError('STORE_DAMAGED', 'the index entries_by_retain is not in its order; a check repairs it')
  }
}

function toFound(row: EntryRow): Found {
  return { fields: entryFields(row), bytes: row.bytes as Uint8Array }
}
