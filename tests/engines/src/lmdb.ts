import { mkdirSync } from 'node:fs'
import type { Engine } from '@sr/vm/store'
import { open, type RootDatabase } from 'lmdb'
import type { EngineOptions } from './engine.ts'

/** LMDB, by `lmdb`. Reads are synchronous; the commit with its fsync runs on a thread of the library. */
export function lmdbEngine({ folder, durable }: EngineOptions): Engine {
  let db: RootDatabase<Uint8Array, string>
  return {
    atomic: true,
    durable,
    async open() {
      mkdirSync(folder, { recursive: true })
      // overlappingSync resolves a commit before its fsync
      db = open<Uint8Array, string>({
        path: `${folder}/data.mdb`,
        encoding: 'binary',
        overlappingSync: false,
        noSync: !durable,
      })
    },
    async getMany(keys) {
      return keys.map((key) => db.get(key))
    },
    async range({ gt, lt, limit }) {
      const found = db.getRange({ start: gt, exclusiveStart: true, end: lt, ...(limit === undefined ? {} : { limit }) })
      return Array.from(found, ({ key, value }): [string, Uint8Array] => [key, value])
    },
    async write(writes) {
      await db.transaction(() => {
        for (const [key, value] of writes) {
          void (value === undefined ? db.remove(key) : db.put(key, value))
        }
      })
    },
    close: () => db.close(),
  }
}
