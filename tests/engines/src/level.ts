import { ClassicLevel } from 'classic-level'
import type { Engine } from '@sr/vm/store'
import type { EngineOptions } from './engine.ts'

/** LevelDB, by `classic-level`. */
export function levelEngine({ folder, durable }: EngineOptions): Engine {
  const db = new ClassicLevel<string, Uint8Array>(folder, { valueEncoding: 'view' })
  return {
    atomic: true,
    durable,
    open: () => db.open(),
    getMany: (keys) => db.getMany([...keys]),
    range: ({ gt, lt, limit = -1 }) => db.iterator({ gt, lt, limit }).all(),
    write: (writes) =>
      db.batch(
        writes.map(([key, value]) => (value === undefined ? { type: 'del', key } : { type: 'put', key, value })),
        { sync: durable },
      ),
    close: () => db.close(),
  }
}
