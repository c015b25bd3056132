import fc, { type IProperty, type Parameters } from 'fast-check'

/** Random cases per law; `SR_RUNS` sets their number, `SR_SEED` repeats an earlier run. */
const RUNS = Number(process.env['SR_RUNS'] ?? 1000)
const SEED = process.env['SR_SEED']
/** Ends at the first failure without shrinking it: for a run that only checks whether a law fails. */
const QUICK = process.env['SR_QUICK'] === '1'

/** Parameters of a law. fast-check prints the seed of a failure. */
export function runs<T>(share = 1): Parameters<T> {
  return {
    numRuns: Math.ceil(RUNS * share),
    endOnFailure: QUICK,
    ...(SEED === undefined ? {} : { seed: Number(SEED) }),
  }
}

/** Returns the failure of a law with seed and smallest counterexample, or undefined. */
export function failureOf<T>(property: IProperty<T>, parameters: Parameters<T>): string | undefined {
  const details = fc.check(property, parameters)
  return details.failed ? fc.defaultReportMessage(details) : undefined
}
