import type { LocalMachine } from '@sr/vm'
import type { Authors } from './authors.ts'
import { bodyOf, keyOf, STREAMS } from './streams.ts'

/** When updates expire after the start of a suite, milliseconds. */
const LIFETIME_MS = 48 * 3_600_000

/** What a writing process writes. */
export interface WriteTask {
  /** start of the suite, milliseconds since 1970: seqs and expiries follow from it */
  readonly begun: number
  /** the number of the first update, by stream */
  readonly starts: readonly number[]
  /** longest text of an update */
  readonly bytes: number
}

/** Update `n` of a stream as its writer signs it: the same bytes for the same arguments. */
export async function updateOf(
  authors: Authors,
  index: number,
  n: number,
  { begun, bytes }: Pick<WriteTask, 'begun' | 'bytes'>,
): Promise<Uint8Array> {
  const { writer, record } = STREAMS[index] as (typeof STREAMS)[number]
  const times = { seq: begun * 1000 + n + 1, expires: begun + LIFETIME_MS, retain: begun + LIFETIME_MS }
  const author = authors.all[writer] as Authors['all'][number]
  return await author.sign({ key: keyOf(record), ...times, body: bodyOf(n, bytes) })
}

/** Writes all streams at once, one update of each at a time, until `ends`; calls `acknowledged` as soon as the receipt has resolved. */
export async function writeStreams(
  machine: LocalMachine,
  authors: Authors,
  task: WriteTask,
  acknowledged: (stream: number, n: number) => void,
  ends: (n: number) => boolean,
): Promise<void> {
  await Promise.all(
    STREAMS.map(async (_, index) => {
      for (let n = task.starts[index] as number; !ends(n); n++) {
        await machine.update(await updateOf(authors, index, n, task))
        acknowledged(index, n)
      }
    }),
  )
}
