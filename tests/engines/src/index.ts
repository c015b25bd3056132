import type { Engine } from '@sr/vm/store'
import type { EngineOptions } from './engine.ts'
import { levelEngine } from './level.ts'
import { lmdbEngine } from './lmdb.ts'
import { sqliteEngine } from './sqlite.ts'

export type { EngineOptions }

/** The engines that are compared, by the name of their package. */
export const ENGINES: Readonly<Record<string, (options: EngineOptions) => Engine>> = {
  'classic-level': levelEngine,
  lmdb: lmdbEngine,
  'node:sqlite': sqliteEngine,
}
