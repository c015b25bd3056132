/** What a suite is asked to do. */
export interface Task {
  readonly seed: number
  /** the short form, for CI */
  readonly quick: boolean
  /** cycles, seeds or seconds that replace the number of the suite */
  readonly count: number | undefined
  readonly report: Report
}

/** Prints a line per check and remembers whether one was violated. */
export class Report {
  #violations = 0

  get violations(): number {
    return this.#violations
  }

  /** Prints a line; the counts in `violated` are expected to be 0. */
  line(
    check: string,
    seed: number,
    counts: Readonly<Record<string, number | string>>,
    violated: Readonly<Record<string, number>> = {},
  ): void {
    const found = Object.values(violated).reduce((sum, count) => sum + count, 0)
    this.#violations += found
    const text = Object.entries({ ...counts, ...violated }).map(([name, value]) => `${name} ${value}`)
    console.log(`${found === 0 ? 'ok  ' : 'FAIL'} ${check} (seed ${seed}): ${text.join(', ')}`)
  }

  /** Prints what was violated where, besides the line of its check. */
  detail(text: string): void {
    console.log(`     ${text}`)
  }

  /** Prints what did not run, and why. */
  skip(check: string, why: string): void {
    console.log(`SKIP ${check}: ${why}`)
  }
}
