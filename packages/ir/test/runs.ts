import fc, { type IProperty, type Parameters } from 'fast-check'

/** Random cases per law; `SR_RUNS` asks for more, `SR_SEED` for the ones of an earlier run. */
const RUNS = Number(process.env['SR_RUNS'] ?? 1000)
const SEED = process.env['SR_SEED']
/** Ends at the first failure, and does not look for the smallest: for who only asks whether there is one. */
const QUICK = process.env['SR_QUICK'] === '1'

/** How a law is run. fast-check prints the seed of what fails. */
export function runs<T>(share = 1): Parameters<T> {
  return {
    numRuns: Math.ceil(RUNS * share),
    endOnFailure: QUICK,
    ...(SEED === undefined ? {} : { seed: Number(SEED) }),
  }
}

/** What is wrong with a law, seed and smallest counterexample included; undefined when it holds. */
export function failureOf<T>(property: IProperty<T>, parameters: Parameters<T>): string | undefined {
  const details = fc.check(property, parameters)
  return details.failed ? fc.defaultReportMessage(details) : undefined
}
