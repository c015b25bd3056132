// The thread of `sqliteEngine`: node:sqlite is synchronous, so a commit would block the event loop for an fsync.
import { mkdirSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import type { EngineRange, EngineWrite } from '@sr/vm/store'
import type { EngineOptions } from './engine.ts'

/** A request to the thread; the answer has the same `id`. */
export type SqliteRequest = { readonly id: number } & (
  | { readonly call: 'open' | 'close' }
  | { readonly call: 'getMany'; readonly argument: readonly string[] }
  | { readonly call: 'range'; readonly argument: EngineRange }
  | { readonly call: 'write'; readonly argument: readonly EngineWrite[] }
)

export interface SqliteAnswer {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}

const { folder, durable } = workerData as EngineOptions
let db: DatabaseSync
let statements: Record<'get' | 'put' | 'remove' | 'range', StatementSync>

function open(): void {
  mkdirSync(folder, { recursive: true })
  db = new DatabaseSync(`${folder}/store.sqlite`)
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = ${durable ? 'FULL' : 'NORMAL'};
    PRAGMA cell_size_check = ON;
    CREATE TABLE IF NOT EXISTS pairs (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
  `)
  statements = {
    get: db.prepare('SELECT value FROM pairs WHERE key = ?'),
    put: db.prepare('INSERT OR REPLACE INTO pairs VALUES (?, ?)'),
    remove: db.prepare('DELETE FROM pairs WHERE key = ?'),
    range: db.prepare('SELECT key, value FROM pairs WHERE key > ? AND key < ? ORDER BY key LIMIT ?'),
  }
}

function write(writes: readonly EngineWrite[]): void {
  db.exec('BEGIN IMMEDIATE')
  try {
    for (const [key, value] of writes) {
      if (value === undefined) {
        statements.remove.run(key)
      } else {
        statements.put.run(key, value)
      }
    }
    db.exec('COMMIT')
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

function answer(request: SqliteRequest): unknown {
  switch (request.call) {
    case 'open':
      return open()
    case 'close':
      return db.close()
    case 'getMany':
      return request.argument.map((key) => statements.get.get(key)?.['value'])
    case 'range': {
      const { gt, lt, limit = -1 } = request.argument
      return statements.range.all(gt, lt, limit).map(({ key, value }) => [key, value])
    }
    case 'write':
      return write(request.argument)
  }
}

parentPort?.on('message', (request: SqliteRequest) => {
  const { id } = request
  try {
    parentPort?.postMessage({ id, value: answer(request) } satisfies SqliteAnswer)
  } catch (error) {
    parentPort?.postMessage({ id, error: String(error) } satisfies SqliteAnswer)
  }
})
