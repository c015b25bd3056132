/** One check of a contract: a name and a function, for any test runner. */
export interface Case<Setup> {
  readonly name: string
  /** what the setup must support for this case to apply; if absent, it always applies */
  readonly needs?: readonly string[]
  /** Throws when the check fails. */
  readonly run: (setup: Setup) => void
}

/**
 * The cases that apply to a setup with the named capabilities.
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
