import { MemoryDatastore } from 'datastore-core'
import { FsDatastore } from 'datastore-fs'
import { LevelDatastore } from 'datastore-level'
import { datastoreEngine, type DatastoreLike, type Engine } from '@sr/vm/store'
import { describeEngine } from './setup.ts'

const inMemory = new Map<string, MemoryDatastore>()

/** One datastore per folder, as if it were on disk. */
function memoryDatastore(folder: string): DatastoreLike {
  const found = inMemory.get(folder) ?? new MemoryDatastore()
  inMemory.set(folder, found)
  return found
}

const DATASTORES: Record<string, (folder: string) => Engine> = {
  MemoryDatastore: (folder) => datastoreEngine(memoryDatastore(folder)),
  FsDatastore: (folder) => datastoreEngine(new FsDatastore(folder)),
  LevelDatastore: (folder) => datastoreEngine(new LevelDatastore(folder), { atomic: true, ordered: true }),
  'LevelDatastore, as if its batches were not atomic': (folder) =>
    datastoreEngine(new LevelDatastore(folder), { ordered: true }),
}

for (const [name, create] of Object.entries(DATASTORES)) {
  describeEngine(name, create)
}
