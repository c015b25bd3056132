import type { Engine, EngineOptions } from './engine.ts'
import { levelEngine } from './level.ts'
import { lmdbEngine } from './lmdb.ts'
import { sqliteEngine } from './sqlite.ts'

export { engineStore } from './store.ts'
export type { Engine, EngineOptions }

/** The engines that are compared, by the name of their package. */
export const ENGINES: Readonly<Record<string, (options: EngineOptions) => Engine>> = {
  'classic-level': levelEngine,
  lmdb: lmdbEngine,
  'node:sqlite': sqliteEngine,
}
