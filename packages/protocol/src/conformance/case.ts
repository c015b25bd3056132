/** One check of a contract, for any test runner. */
export interface Case<Setup, Need extends string = string> {
  readonly name: string
  /** what this case requires of the setup besides the contract that holds for all; see {@link missingNeeds} */
  readonly needs?: readonly Need[]
  /** @throws Error when the contract is broken; its message says what was found and expected */
  run(setup: Setup): void | Promise<void>
}

/** What a setup declares. */
export interface Supports<Need extends string = string> {
  readonly supports: readonly Need[]
}

/** What became of a case. */
export interface CaseResult {
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  /** of a skipped case: what the setup does not support */
  readonly missing: readonly string[]
  /** of a failed case */
  readonly error?: unknown
}

/** What a case needs and a setup does not support; a test runner skips the case unless it is empty. */
export function missingNeeds<Need extends string>(
  { needs = [] }: Pick<Case<never, Need>, 'needs'>,
  { supports }: Supports<Need>,
): Need[] {
  return needs.filter((need) => !supports.includes(need))
}

/** Runs cases in order, where there is no test runner. */
export async function runCases<Need extends string, Setup extends Supports<Need>>(
  cases: ReadonlyArray<Case<Setup, Need>>,
  setup: Setup,
): Promise<CaseResult[]> {
  const results: CaseResult[] = []
  for (const one of cases) {
    const missing = missingNeeds(one, setup)
    results.push(missing.length > 0 ? { name: one.name, outcome: 'skipped', missing } : await runCase(one, setup))
  }
  return results
}

async function runCase<Setup>({ name, run }: Case<Setup>, setup: Setup): Promise<CaseResult> {
  try {
    await run(setup)
    return { name, outcome: 'passed', missing: [] }
  } catch (error) {
    return { name, outcome: 'failed', missing: [], error }
  }
}

/** Throws unless two values have the same JSON. */
export function assertSame(found: unknown, expected: unknown, what: string): void {
  const [got, right] = [JSON.stringify(found), JSON.stringify(expected)]
  if (got !== right) {
    throw new Error(`${what}: found ${got}, expected ${right}`)
  }
}
