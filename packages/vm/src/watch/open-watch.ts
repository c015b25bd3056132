import type { RecordLoader } from '../records/record-loader.ts'
import type { RecordState } from '../records/record-state.ts'
import type { Records } from '../records/records.ts'
import type { WatchOptions } from './parts.ts'
import type { Watcher } from './watcher.ts'
import type { Watches } from './watches.ts'

/** Begins a watch of a record, whether anything is stored of it or not. */
export async function openWatch(
  id: string,
  options: WatchOptions,
  { records, loader, watches }: { readonly records: Records; readonly loader: RecordLoader; readonly watches: Watches },
): Promise<Watcher> {
  const updatesOf = async (record: RecordState): Promise<Uint8Array[]> =>
    (await loader.signedUpdates(record, { writers: options.writers })).updates
  const reload = async (restart: (updates: readonly Uint8Array[]) => void): Promise<void> => {
    await records.use(id, async (record) => {
      restart(await updatesOf(record))
    })
  }
  return await records.useFor(options.signal, id, async (record) => {
    await records.prepare(record)
    records.noticeExpiry(record)
    const needsUpdates = options.as === 'updates' && watches.of(record).beginsAnew(options)
    const updates = needsUpdates ? await updatesOf(record) : []
    const watcher = watches.open(record, options, { updates, reload }, () => {
      records.unwatched(id)
    })
    records.keep(record)
    return watcher
  })
}
