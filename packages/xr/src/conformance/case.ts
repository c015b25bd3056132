/** One check of a contract: plain data around a function, so that any test runner can run it. */
export interface Case<Setup> {
  readonly name: string
  /** what the setup must support for this to apply; always, when left out */
  readonly needs?: readonly string[]
  /** Throws when the setup does not hold. */
  readonly run: (setup: Setup) => void
}

/**
 * The cases that apply to a setup which supports what is named.
 *
 * @example
 * ```ts
 * import { casesFor, codecCases } from '@sr/xr/conformance'
 * import * as dagJson from '@sr/xr/dag-json'
 *
 * for (const { run } of casesFor(codecCases, ['dag-json', 'limits'])) {
 *   run(dagJson) // in a test of its own, named by the case
 * }
 * ```
 */
export function casesFor<C extends { readonly needs?: readonly string[] }>(
  cases: readonly C[],
  supports: readonly string[],
): C[] {
  return cases.filter(({ needs }) => needs === undefined || needs.every((need) => supports.includes(need)))
}
