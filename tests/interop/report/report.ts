import { type Missing } from './parts.ts'
import type { Result, Verdict } from './judge.ts'

/** Longest that is printed of what was seen; all of it where it is wrong. */
const WIDTH = 76

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text
}

/** The table: row, direction, what was seen, verdict. */
export function table(results: readonly Result[]): string {
  const names = Math.max(...results.map(({ row }) => row.name.length))
  const directions = Math.max(...results.map(({ row }) => row.direction.length))
  return results
    .map(({ row, saw, verdict, fault, ms }) => {
      const line = `${verdict.padEnd(9)}  ${row.direction.padEnd(directions)}  ${row.name.padEnd(names)}  ${verdict === 'NOT RUN' ? '' : `${String(ms).padStart(6)} ms  `}${verdict === 'WRONG' ? saw : cut(saw, WIDTH)}`
      return fault === undefined ? line.trimEnd() : `${line}\n           ${fault}`
    })
    .join('\n')
}

/** What could not be seen, and why: to be read even by those who skip the table. */
export function notRun(missing: readonly Missing[], results: readonly Result[]): string {
  const rows = results.filter(({ verdict }) => verdict === 'NOT RUN')
  const directions = [...new Set(rows.map(({ row }) => row.direction))].map(
    (direction) => `${rows.filter(({ row }) => row.direction === direction).length} of ${direction}`,
  )
  const reasons = missing.map(
    ({ part, code, message }) => `NOT RUN because of ${code}: ${message.startsWith(part) ? '' : `${part}: `}${message}`,
  )
  return [`NOT RUN: ${rows.length} rows (${directions.join(', ')}). Nothing is known of them.`, ...reasons].join('\n')
}

/** The last line. */
export function counts(results: readonly Result[], faults: number): string {
  const count = (verdict: Verdict): number => results.filter((result) => result.verdict === verdict).length
  return `interop: ${count('as wanted')} rows as wanted, ${count('as listed')} differ as listed, ${count('WRONG') + faults} wrong, ${count('NOT RUN')} not run`
}
