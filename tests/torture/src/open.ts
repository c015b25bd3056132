import { sqliteStore, type SqliteStore } from '@sr/store-sqlite'
import {
  createMachine,
  type LocalMachine,
  type MachineEvent,
  type MachineInit,
  type MachineLimits,
  type Store,
} from '@sr/vm'
import type { Authors } from './authors.ts'
import { isPlanted, plantedStore } from './plant.ts'

const GIB = 2 ** 30

/** No update of these suites is refused by a quota. */
export const LIMITS: Partial<MachineLimits> = {
  bytes: GIB,
  bytesPerWriter: GIB,
  bytesPerRecord: GIB,
  recordsPerWriter: 1e6,
}

/** How a machine over a folder is opened. */
export interface OpenOptions {
  readonly folder: string
  readonly authors: Authors
  readonly durable?: boolean
  readonly minFreeBytes?: number
  /** wraps the store, to have it fail */
  readonly wrap?: (store: SqliteStore) => Store
  readonly init?: Partial<MachineInit>
}

/** A machine that has started, its store, and all damage that either has reported. */
export interface Opened {
  readonly machine: LocalMachine
  readonly store: SqliteStore
  readonly reports: string[]
}

/** Starts a whole machine over the store in a folder; rejects as `start` does. */
export async function openMachine({
  folder,
  authors,
  durable = true,
  minFreeBytes = 0,
  wrap,
  init = {},
}: OpenOptions): Promise<Opened> {
  const reports: string[] = []
  const store = sqliteStore({
    folder,
    durable: durable && !isPlanted('no-sync'),
    minFreeBytes,
    onDamaged: (reason) => reports.push(reason),
  })
  const observe = (event: MachineEvent): void => {
    if (event.type === 'damaged') reports.push(`update ${event.hash ?? 'unknown'} of ${event.record}: ${event.reason}`)
  }
  const { self, codec } = authors
  const wrapped = plantedStore(wrap?.(store) ?? store)
  const machine = createMachine({
    self,
    updates: codec,
    store: wrapped,
    observe,
    ...init,
    limits: { ...LIMITS, ...init.limits },
  })
  await machine.start()
  return { machine, store, reports }
}
