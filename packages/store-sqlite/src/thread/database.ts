import { closeSync, fdatasyncSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../errors.ts'
import type { Marker } from './marker.ts'
import type { Usage } from '@sr/vm'
import type { IndexCheck } from './index-check.ts'
import { addKeys, type IndexKeys } from './index-sums.ts'
import { type Meta, saveMeta } from './meta.ts'
import { FILES } from './files.ts'
import { FORMAT } from './schema.ts'
import type { UsageCheck } from './usage-check.ts'

/** What the thread needs to know of a store. */
export interface DatabaseOptions {
  readonly folder: string
  readonly durable: boolean
  /** free space below which updates are refused, bytes */
  readonly minFreeBytes: number
  /** memory for pages, bytes */
  readonly cacheBytes: number
}

/**
 * Pages in the log at which they are moved to the database, 128 MiB: a page that changes repeatedly meanwhile is moved once. That
 * is what bounds expiry, which changes two pages per update, mostly at random: a million updates took 90 s with 64 MiB, 60 s with 128 MiB and 56 s with 256 MiB.
 */
const CHECKPOINT_PAGES = 32_768

/** Opens the file and locks it until it is closed; the system unlocks it when the process ends. */
export function connect(file: string, { cacheBytes }: Pick<DatabaseOptions, 'cacheBytes'>): DatabaseSync {
  const sql = new DatabaseSync(file)
  try {
    // With this mode set first, the index of the log is in memory instead of in a file shared with other processes.
    sql.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA cache_size = -${Math.floor(cacheBytes / 1024)};
      PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
      PRAGMA cell_size_check = ON;
      BEGIN IMMEDIATE;
      COMMIT;
    `)
    return sql
  } catch (err) {
    sql.close()
    throw err
  }
}

/** What a {@link Database} works with. */
export interface DatabaseInit {
  readonly sql: DatabaseSync
  readonly marker: Marker
  readonly options: DatabaseOptions
  readonly meta: Meta
  /** number of commits that are known to be on the disk */
  readonly synced: number
  /** whether the marker stays as it is until `acceptHead` */
  readonly keepsHead: boolean
}

/** The database of a store, its totals, and its marker. */
export class Database {
  readonly sql: DatabaseSync
  readonly options: DatabaseOptions
  readonly #marker: Marker
  #meta: Meta
  /** number of commits that are on the disk */
  #synced: number
  /** the log, once it was waited for */
  #log: number | undefined
  #keepsHead: boolean
  #closed = false
  /** tells the checks under way what this transaction has changed */
  #changes: Array<() => void> = []
  /** the checks that follow what is written; undefined when none is under way */
  indexCheck: IndexCheck | undefined
  usageCheck: UsageCheck | undefined

  constructor({ sql, marker, options, meta, synced, keepsHead }: DatabaseInit) {
    this.sql = sql
    this.options = options
    this.#marker = marker
    this.#meta = meta
    this.#synced = synced
    this.#keepsHead = keepsHead
  }

  /** The counters of the store; inside a transaction they may be changed. */
  get meta(): Meta {
    return this.#meta
  }

  /**
   * Runs `work` in a transaction, which is undone when it throws. Afterwards the system has it; `settle` makes it durable.
   *
   * @throws what `work` or SQLite throws
   */
  transaction<T>(work: () => T): T {
    const before = { ...this.#meta }
    this.sql.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.#meta.commits++
      saveMeta(this.sql, this.#meta)
      this.sql.exec('COMMIT')
      const changes = this.#changes
      this.#changes = []
      for (const tell of changes) {
        tell()
      }
      return result
    } catch (err) {
      this.#meta = before
      this.#changes = []
      this.#rollback()
      throw err
    }
  }

  /** Notes, inside a transaction, that the indexes have an update more, or less. */
  changeKeys(keys: IndexKeys, step: 1 | -1): void {
    addKeys(this.#meta, keys, step)
    const { indexCheck } = this
    if (indexCheck !== undefined) {
      this.#changes.push(() => {
        indexCheck.changed({ keys, step })
      })
    }
  }

  /** Notes, inside a transaction, that a writer uses so much more. */
  changeUsage(writer: string, change: Usage): void {
    this.#meta.bytes += change.bytes
    this.#meta.documents += change.records
    const { usageCheck } = this
    if (usageCheck !== undefined) {
      this.#changes.push(() => {
        usageCheck.changed(writer, change)
      })
    }
  }

  /**
   * Ends one or several transactions. `synced`: waits until the log is on the disk, if the store is durable, as SQLite does after COMMIT
   * with `synchronous = FULL`. That setting cannot change inside a transaction, and only its end tells whether to wait.
   *
   * @throws what the system throws; nothing can be written any more then, since it is unknown what the disk has
   */
  settle({ synced }: { readonly synced: boolean }): void {
    if (synced && this.options.durable) {
      this.#log ??= openSync(join(this.options.folder, FILES.log), 'r+')
      fdatasyncSync(this.#log)
      this.#synced = this.#meta.commits
    }
    this.#writeHead({ synced: false })
  }

  /** Has the marker follow the database, whatever it said before, with all of it on the disk. */
  acceptHead(): void {
    this.#keepsHead = false
    if (this.#moveLog()) {
      this.#synced = this.#meta.commits
    }
    this.#writeHead({ synced: true })
  }

  close(): void {
    if (this.#closed) {
      return
    }
    this.#closed = true
    const moved = this.#moveLog()
    if (this.#log !== undefined) {
      closeSync(this.#log)
    }
    this.sql.close()
    if (moved) {
      this.#synced = this.#meta.commits
      this.#writeHead({ synced: true })
    }
    this.#marker.close()
  }

  /** Moves the log to the database and waits for the disk; returns whether that was possible. */
  #moveLog(): boolean {
    try {
      return this.sql.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] === 0
    } catch {
      // the log stays, and is read when the store is opened again
      return false
    }
  }

  #writeHead({ synced }: { readonly synced: boolean }): void {
    if (!this.#keepsHead) {
      this.#marker.write({ format: FORMAT, commits: this.#meta.commits, synced: this.#synced }, { synced })
    }
  }

  #rollback(): void {
    try {
      this.sql.exec('ROLLBACK')
    } catch {
      // SQLite has undone the transaction itself, as it does for some errors
    }
  }
}

export function damaged(folder: string, found: string): StoreError {
  return new StoreError('STORE_DAMAGED', `the store in ${folder} is damaged: ${found}`)
}
