import type { StatementSync } from 'node:sqlite'
import type { Usage } from '@sr/vm'
import type { CommitArgument, EntryFields } from '../messages.ts'
import type { Database } from './database.ts'
import type { IndexKeys } from './index-sums.ts'
import { checksums, hashBytes, hashKey, hashText, Query, recordKey } from './rows.ts'
import { NO_USAGE, type UsageTable } from './usage.ts'

const COLUMNS = 'record, hash, retain, writer, charged_to, cost, flags, length, bytes_crc, crc, bytes'

/** Columns that the indexes have. */
const KEYS = 'id, record_key, hash_key, retain, record, flags'

/** Writes to the tables. Its methods are called inside a transaction. */
export class Writer {
  readonly #database: Database
  readonly #find: Query
  readonly #keys: Query
  readonly #insert: StatementSync
  readonly #remove: StatementSync
  readonly #setAside: StatementSync
  readonly #usage: UsageTable
  /** changes of this transaction by writer, so that a writer's row is written once */
  readonly #changes = new Map<string, Usage>()

  constructor(database: Database, usage: UsageTable) {
    const { sql } = database
    this.#database = database
    this.#find = new Query(sql, `SELECT ${KEYS}, hash FROM entries WHERE record_key = ? AND hash_key = ?`)
    this.#keys = new Query(sql, `SELECT ${KEYS} FROM entries WHERE id = ?`)
    this.#insert = sql.prepare(
      `INSERT OR REPLACE INTO entries (id, record_key, hash_key, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#remove = sql.prepare('DELETE FROM entries WHERE id = ?')
    this.#setAside = sql.prepare(
      `INSERT INTO quarantine (${COLUMNS}, reason) SELECT ${COLUMNS}, ? FROM entries WHERE id = ?`,
    )
    this.#usage = usage
  }

  /** Forgets what a transaction has left that was undone. */
  undone(): void {
    this.#changes.clear()
    this.#usage.forget()
  }

  commit({ put, drop, usage }: CommitArgument, bytes: readonly Uint8Array[]): void {
    for (const [record, hash] of drop) {
      const found = this.#findKeys(record, hash)
      if (found !== undefined) {
        this.#drop(found)
      }
    }
    for (const [n, fields] of put.entries()) {
      this.#put(fields, bytes[n] as Uint8Array)
    }
    for (const [writer, addedBytes, addedRecords] of usage) {
      const { bytes: before, records } = this.#changes.get(writer) ?? NO_USAGE
      this.#changes.set(writer, { bytes: before + addedBytes, records: records + addedRecords })
    }
  }

  /** Moves an update to the quarantine. */
  setAside(id: number, reason: string): void {
    this.#setAside.run(reason, id)
    const keys = this.#keys.get<IndexKeys>(id)
    if (keys !== undefined) {
      this.#drop(keys)
    }
  }

  /** The id of an update; undefined when it does not exist. */
  find(record: string, hash: string): number | undefined {
    return this.#findKeys(record, hash)?.id
  }

  /**
   * Writes what the batches of this transaction add to the usage.
   *
   * @throws StoreError `STORE_DAMAGED` when the row of a writer is not what was written
   */
  end(): void {
    for (const [writer, change] of this.#changes) {
      const { bytes, records } = this.#usage.of(writer)
      this.#usage.set(writer, { bytes: bytes + change.bytes, records: records + change.records })
      this.#database.changeUsage(writer, change)
    }
    this.#changes.clear()
  }

  #findKeys(record: string, hash: string, key: number = recordKey(record)): IndexKeys | undefined {
    const found = this.#find.all<IndexKeys & { readonly hash: Uint8Array }>(key, hashKey(hash))
    return found.find((row) => row.record === record && hashText(row.hash) === hash)
  }

  #drop(keys: IndexKeys): void {
    this.#remove.run(keys.id)
    this.#database.meta.entries--
    this.#database.changeKeys(keys, -1)
  }

  #put(fields: EntryFields, bytes: Uint8Array): void {
    const [record, hash, retain, writer, chargedTo, cost, flags, length] = fields
    const key = recordKey(record)
    const before = this.#findKeys(record, hash, key)
    const [bytesCrc, crc] = checksums(fields, bytes)
    const charged = chargedTo === writer ? null : chargedTo
    const values = [
      record,
      hashBytes(hash),
      retain,
      writer,
      charged,
      cost,
      flags,
      length,
      bytesCrc,
      crc,
      bytes,
    ] as const
    const { lastInsertRowid: id } = this.#insert.run(before?.id ?? null, key, hashKey(hash), ...values)
    if (before === undefined) {
      this.#database.meta.entries++
    } else {
      this.#database.changeKeys(before, -1)
    }
    this.#database.changeKeys({ id: Number(id), record_key: key, hash_key: hashKey(hash), retain, record, flags }, 1)
  }
}
