import { decode } from '@sr/xr/dag-cbor'
import type { Dict } from '@sr/xr'
import { isWritten } from '../streams.ts'
import { type Answers, BYTES, LAST } from './expected.ts'

/** What became of damage. `wrong`: an answer that was never true; `unreported`: something is absent and nothing says so. */
export const OUTCOMES = ['no effect', 'reported', 'refused to open', 'unreported loss', 'wrong', 'crash'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** What a damaged store has told besides its answers. */
export interface Told {
  /** ids of the records, in their order */
  readonly records: readonly string[]
  readonly reports: readonly string[]
  /** records whose calls were rejected; undefined for a call without a record */
  readonly failed: ReadonlyArray<number | undefined>
}

/** Compares answers over damaged files with those over intact ones. */
export function judge(
  expected: Answers,
  found: Answers,
  told: Told,
): { readonly outcome: Outcome; readonly why: string } {
  const losses: string[] = []
  /** Whether something says that this record has lost something. */
  const isTold = (record: number): boolean => {
    return (
      told.failed.includes(record) ||
      told.reports.some((text) => text.includes(String(told.records[record])) || /are lost|the index/.test(text))
    )
  }
  for (const [record, documents] of expected.documents.entries()) {
    const shown = found.documents[record] ?? {}
    for (const [writer, text] of Object.entries(shown)) {
      if (!(writer in documents) || !isWritten(decode(Buffer.from(text, 'base64')) as Dict, LAST, BYTES)) {
        return { outcome: 'wrong', why: `record ${record} shows of ${writer} what was never written` }
      }
    }
    const isSame = Object.entries(documents).every(([writer, text]) => shown[writer] === text)
    if (!isSame && !isTold(record)) losses.push(`the documents of record ${record}`)
    const all = new Set(expected.updates[record])
    const updates = found.updates[record] ?? []
    if (updates.some((text) => !all.has(text))) {
      if (!isTold(record)) return { outcome: 'wrong', why: `record ${record} has an update that it had not` }
    }
    if (updates.length < all.size && !isTold(record)) losses.push(`updates of record ${record}`)
  }
  const isAnyTold = told.failed.length > 0 || told.reports.length > 0
  const listed = new Set(expected.index)
  if (found.index.some((text) => !listed.has(text)) && !isAnyTold)
    return { outcome: 'wrong', why: 'the index lists what it had not' }
  if (new Set(found.index).size < found.index.length && !isAnyTold)
    return { outcome: 'wrong', why: 'the index lists an update twice' }
  if (found.index.length < listed.size && !isAnyTold)
    losses.push(`${listed.size - found.index.length} updates of the index`)
  const counts = [found.usage.join(), found.totals]
  if (counts.join() !== [expected.usage.join(), expected.totals].join() && !isAnyTold) {
    return { outcome: 'wrong', why: `the usage is ${counts.join(' ')}` }
  }
  if (losses.length > 0) return { outcome: 'unreported loss', why: losses.join(', ') }
  return { outcome: isAnyTold ? 'reported' : 'no effect', why: told.reports[0] ?? '' }
}
