import { bool, checkConfig, func, number, optional, text } from '@sr/runtime'
import type {
  DuePage,
  DueRecord,
  IndexPage,
  Store,
  StoreBatch,
  StoredRecord,
  StoreEntry,
  StoreIndex,
  StoreRef,
  StoreReport,
  StoreTotals,
  Usage,
} from '@sr/vm'
import type { ByteUnpacker } from './byte-packer.ts'
import { Channel } from './channel.ts'
import { assertBatch } from './check-batch.ts'
import { StoreError } from './errors.ts'
import { type EntryFields, fromFields, toFields } from './messages.ts'

const MIB = 1024 * 1024

/** What {@link sqliteStore} takes. */
export interface SqliteStoreOptions {
  /** where the files are; it is created when it does not exist, and belongs to the store */
  readonly folder: string
  /** whether a commit resolves only when its updates are on the disk (fsync), default true; otherwise a loss of power may undo the last commits */
  readonly durable?: boolean
  /** free space of the file system below which updates are refused with `STORE_FULL`, bytes, default 64 MiB */
  readonly minFreeBytes?: number
  /** memory for pages of the database, bytes, default 32 MiB */
  readonly cacheBytes?: number
  /** receives damage that no call reports, one sentence each: entries that were moved to the quarantine, and commits that were lost */
  readonly onDamaged?: (reason: string) => void
}

/** A `Store` on disk. */
export interface SqliteStore extends Store {
  open(): Promise<void>
  commit(batch: StoreBatch): Promise<void>
  read(record: string): Promise<StoredRecord>
  get(record: string, hash: string): Promise<StoreEntry | undefined>
  index(page: IndexPage): Promise<readonly StoreIndex[]>
  due(page: DuePage): Promise<readonly DueRecord[]>
  totals(): Promise<StoreTotals>
  saveTime(ms: number): Promise<void>
  close(): Promise<void>
  /** As `Store.check`; also of a store that is not open, such as one that does not open. */
  check(options: { readonly repair: boolean }): Promise<StoreReport>
}

/**
 * A `Store` in a folder. The database has a thread of its own, so that a call does not block the event loop.
 *
 * @throws ConfigError when an option is not what it should be
 * @example
 * ```ts
 * import { mkdtemp, rm } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { sqliteStore } from '@sr/store-sqlite'
 *
 * const folder = await mkdtemp(`${tmpdir()}/records-`)
 * const store = sqliteStore({ folder })
 * await store.open()
 * await store.saveTime(1_900_000_000_000)
 * await store.close()
 *
 * const again = sqliteStore({ folder })
 * await again.open()
 * console.log(await again.loadTime(), await again.totals()) // 1900000000000 { entries: 0, bytes: 0, documents: 0 }
 * await again.close()
 * await rm(folder, { recursive: true })
 * ```
 */
export function sqliteStore(options: SqliteStoreOptions): SqliteStore {
  checkConfig<SqliteStoreOptions>('sqliteStore', options, {
    folder: text(),
    durable: optional(bool),
    minFreeBytes: optional(number({ min: 0, integer: true })),
    cacheBytes: optional(number({ min: MIB, max: 2 ** 40, integer: true })),
    onDamaged: optional(func),
  })
  return new StoreInFolder(options)
}

/** Its methods are properties, so that a test or a wrapper may spread it and replace some. */
class StoreInFolder implements SqliteStore {
  readonly #options: SqliteStoreOptions
  #channel: Channel | undefined

  constructor(options: SqliteStoreOptions) {
    this.#options = options
  }

  readonly open = async (): Promise<void> => {
    if (this.#channel !== undefined) {
      throw new StoreError('STORE_FAILED', `the store in ${this.#options.folder} is open`)
    }
    const channel = this.#start()
    this.#channel = channel
    try {
      await channel.call('open', undefined)
    } catch (err) {
      this.#channel = undefined
      await end(channel)
      throw err
    }
  }

  readonly commit = async (batch: StoreBatch): Promise<void> => {
    const { put, drop, usage } = batch
    assertBatch(batch)
    const argument = {
      put: put.map((entry) => [...toFields(entry), entry.bytes.length] as const),
      drop: drop.map(({ record, hash }) => [record, hash] as const),
      usage: usage.map(({ writer, bytes, records }) => [writer, bytes, records] as const),
    }
    await this.#opened.call('commit', argument, { bytes: put.map(({ bytes }) => bytes) })
  }

  readonly read = async (record: string): Promise<StoredRecord> => {
    return await this.#opened.call('read', record, {
      decode: ({ entries, damaged }, bytes) => ({ entries: entries.map((fields) => toEntry(fields, bytes)), damaged }),
    })
  }

  readonly get = async (record: string, hash: string): Promise<StoreEntry | undefined> => {
    return await this.#opened.call('get', [record, hash], {
      decode: (fields, bytes) => (fields === undefined ? undefined : toEntry(fields, bytes)),
    })
  }

  readonly index = async (page: IndexPage): Promise<readonly StoreIndex[]> => {
    return await this.#opened.call('index', page, { decode: (list) => list.map(fromFields) })
  }

  readonly due = async (page: DuePage): Promise<readonly DueRecord[]> => {
    return await this.#opened.call('due', page, {
      decode: (list) =>
        list.map(([record, retain, entries]) => ({ record, retain, entries: entries?.map(fromFields) })),
    })
  }

  readonly resumed = async ({
    after = '',
    limit,
  }: {
    readonly after?: string
    readonly limit: number
  }): Promise<readonly string[]> => {
    return await this.#opened.call('resumed', [after, limit])
  }

  readonly usage = async (writer: string): Promise<Usage> => {
    return await this.#opened.call('usage', writer)
  }

  readonly totals = async (): Promise<StoreTotals> => {
    return await this.#opened.call('totals', undefined)
  }

  readonly quarantine = async ({ record, hash }: StoreRef, reason: string): Promise<void> => {
    await this.#opened.call('quarantine', [record, hash, reason])
  }

  readonly saveTime = async (ms: number): Promise<void> => {
    await this.#opened.call('saveTime', ms)
  }

  readonly loadTime = async (): Promise<number | undefined> => {
    return await this.#opened.call('loadTime', undefined)
  }

  readonly close = async (): Promise<void> => {
    const channel = this.#channel
    this.#channel = undefined
    if (channel !== undefined) {
      await end(channel)
    }
  }

  readonly check = async ({ repair }: { readonly repair: boolean }): Promise<StoreReport> => {
    if (this.#channel !== undefined) {
      return await this.#channel.call('check', repair)
    }
    const channel = this.#start()
    try {
      return await channel.call('check', repair)
    } finally {
      await end(channel)
    }
  }

  get #opened(): Channel {
    if (this.#channel === undefined) {
      throw new StoreError('STORE_FAILED', `the store in ${this.#options.folder} is not open`)
    }
    return this.#channel
  }

  #start(): Channel {
    const {
      folder,
      durable = true,
      minFreeBytes = 64 * MIB,
      cacheBytes = 32 * MIB,
      onDamaged = () => {},
    } = this.#options
    return new Channel({ folder, durable, minFreeBytes, cacheBytes }, onDamaged)
  }
}

/** Closes the database after the calls before, and waits for the end of the thread. */
async function end(channel: Channel): Promise<void> {
  try {
    await channel.call('close', undefined)
  } finally {
    await channel.exited()
  }
}

function toEntry(fields: EntryFields, bytes: ByteUnpacker): StoreEntry {
  return { ...fromFields(fields), bytes: new Uint8Array(bytes.view(fields[7])) }
}
