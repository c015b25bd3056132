import type { StoreEntry } from '@sr/vm'
import { sampleEntry } from './sample.ts'

/** Writers that commit at once. */
export const WRITERS = 8
/** Entries of a batch, each in a record of its own. */
export const BATCH = 4
/** Batches of a writer that are live: batch n drops batch n - LIVE. */
export const LIVE = 5

/** Distance of the entry numbers of two writers. */
const WRITER_STRIDE = 1e6

/** The entries of one batch of a writer. */
export function batchOf(writer: number, batch: number): StoreEntry[] {
  return Array.from({ length: BATCH }, (_, i) =>
    sampleEntry(writer * WRITER_STRIDE + batch * BATCH + i, `w${writer}r${i}`),
  )
}

/** The batch that an entry of a writer belongs to. */
export function batchNumber(writer: number, hash: string): number {
  return Math.floor((Number.parseInt(hash, 16) - writer * WRITER_STRIDE) / BATCH)
}

/** The batches of a writer that are visible after its batch `last`, each with its number of entries. */
export function stateAfter(last: number): ReadonlyArray<readonly [batch: number, entries: number]> {
  const first = Math.max(0, last - LIVE + 1)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => [first + i, BATCH])
}
