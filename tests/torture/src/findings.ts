import type { Inspection } from './inspect.ts'

type Violation = 'lost' | 'half' | 'refused' | 'crashed' | 'problems'

const MAX_DETAILS = 10

/** Counts what is wrong with the states that a fault has left. */
export class Findings {
  readonly counts: Record<Violation, number> = { lost: 0, half: 0, refused: 0, crashed: 0, problems: 0 }
  /** the first of them, in words */
  readonly details: string[] = []

  add(violation: Violation, text: string): void {
    this.counts[violation]++
    if (this.details.length < MAX_DETAILS) this.details.push(`${violation}: ${text}`)
  }

  /**
   * Compares what a store shows with what was acknowledged, by stream: that update, or the next one, which was under way. With `lostAllowed` it may
   * be any earlier state.
   */
  compare(
    found: Inspection,
    acknowledged: readonly number[],
    where: string,
    { lostAllowed }: { readonly lostAllowed: boolean },
  ): void {
    if (found.refused !== undefined) this.add('refused', `${where}: ${found.refused}`)
    for (const [stream, last] of found.last.entries()) {
      const expected = acknowledged[stream] as number
      if (last === 'half')
        this.add('half', `${where}: stream ${stream} shows the state after no update; ${expected} was acknowledged`)
      else if (last > expected + 1)
        this.add('half', `${where}: stream ${stream} shows update ${last}, which was never written`)
      else if (last < expected && !lostAllowed)
        this.add('lost', `${where}: stream ${stream} shows update ${last}; ${expected} was acknowledged`)
    }
    if (found.problems.length > 0) this.add('problems', `${where}: ${found.problems.slice(0, 3).join('; ')}`)
    if (found.reports.length > 0 && !lostAllowed)
      this.add('problems', `${where}: reported ${found.reports.slice(0, 3).join('; ')}`)
  }
}
