import { type Difference, isOf } from './differences.ts'
import type { Row } from './row.ts'

/** `as wanted`: as Go with Go, or as PROTOCOL.md specifies. `as listed`: another thing, and that on purpose. */
export type Verdict = 'as wanted' | 'as listed' | 'WRONG' | 'NOT RUN'

export interface Result {
  readonly row: Row
  readonly saw: string
  readonly verdict: Verdict
  /** what is wrong */
  readonly fault?: string
  readonly ms: number
}

/** Compares what was seen with what is wanted, and against what differs on purpose. A change in either direction is wrong. */
export function judge(row: Row, saw: string, differences: readonly Difference[]): { verdict: Verdict; fault?: string } {
  const listed = differences.find((one) => isOf(one, row))
  if (listed === undefined) {
    return saw === row.wanted ? { verdict: 'as wanted' } : { verdict: 'WRONG', fault: `wanted: ${row.wanted}` }
  }
  if (saw === listed.seen) {
    return { verdict: 'as listed' }
  }
  return {
    verdict: 'WRONG',
    fault:
      saw === row.wanted
        ? 'listed as a difference, and does not differ any more'
        : `listed: ${listed.seen}; wanted: ${row.wanted}`,
  }
}
