import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll } from '@jest/globals'
import type { StoreBatch, StoreEntry, StoreRef } from '@sr/vm'
import { type Meta, readMeta, saveMeta } from '../src/thread/meta.ts'
import { sqliteStore, type SqliteStore, type SqliteStoreOptions } from '../src/index.ts'

const root = mkdtempSync(join(tmpdir(), 'sr-store-sqlite-'))
let last = 0
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

/** A folder that does not exist yet, and is removed after the tests of this file. */
export function newFolder(): string {
  return join(root, String(last++))
}

/** The n-th update, of the record `r<n>` unless given. */
export function entry(n: number, fields: Partial<StoreEntry> = {}): StoreEntry {
  return {
    record: `r${n}`,
    hash: n.toString(16).padStart(4, '0').repeat(16),
    retain: 1000 + n,
    writer: 'ann',
    chargedTo: 'ann',
    cost: 600,
    resumed: n % 2 === 0,
    signed: true,
    local: false,
    bytes: Uint8Array.of(n & 0xff, 1, 2),
    ...fields,
  }
}

/** A batch with the usage that follows when each update is in a document of its own. */
export function batch(put: readonly StoreEntry[], drop: readonly StoreEntry[] = []): StoreBatch {
  return {
    put,
    drop: drop.map(({ record, hash, retain }): StoreRef => ({ record, hash, retain })),
    usage: [
      ...put.map(({ chargedTo, cost }) => ({ writer: chargedTo, bytes: cost, records: 1 })),
      ...drop.map(({ chargedTo, cost }) => ({ writer: chargedTo, bytes: -cost, records: -1 })),
    ],
  }
}

const filled = new Map<number, string>()

/** A folder with a closed store of updates 0 to `count` - 1, in commits of one each. */
export async function filledFolder(count: number): Promise<string> {
  const original = filled.get(count) ?? newFolder()
  if (!filled.has(count)) {
    filled.set(count, original)
    await withStore({ folder: original, durable: false }, async (store) => {
      for (let n = 0; n < count; n++) {
        await store.commit(batch([entry(n)]))
      }
    })
  }
  const folder = newFolder()
  cpSync(original, folder, { recursive: true })
  return folder
}

/** Opens a store, and closes it whatever happens. */
export async function withStore<T>(options: SqliteStoreOptions, work: (store: SqliteStore) => Promise<T>): Promise<T> {
  const store = sqliteStore(options)
  await store.open()
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** Runs statements on the database of a closed store. */
export function changeDatabase(folder: string, statements: string): void {
  const sql = new DatabaseSync(join(folder, 'store.sqlite'), { defensive: false })
  try {
    sql.exec(statements)
  } finally {
    sql.close()
  }
}

/** Changes the counters of a closed store, with a checksum that fits. */
export function changeMeta(folder: string, change: Partial<Meta>): void {
  const sql = new DatabaseSync(join(folder, 'store.sqlite'))
  try {
    saveMeta(sql, { ...readMeta(sql), ...change })
  } finally {
    sql.close()
  }
}

/** The code of the error that a promise rejects with; `none` when it resolves. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
    return 'none'
  } catch (err) {
    return (err as { readonly code?: unknown }).code
  }
}
