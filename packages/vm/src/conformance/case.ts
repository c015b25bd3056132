/** One check of a contract, for any test runner. */
export interface Case<Setup> {
  readonly name: string
  /** optional members of the setup that this case requires; a setup without them skips the case */
  readonly needs?: readonly string[]
  /** @throws Error when the contract is broken; its message says what was found and expected */
  run(setup: Setup): void | Promise<void>
}

/** Throws unless two values have the same JSON. */
export function assertSame(found: unknown, expected: unknown, what: string): void {
  const [got, right] = [JSON.stringify(found), JSON.stringify(expected)]
  if (got !== right) {
    throw new Error(`${what}: found ${got}, expected ${right}`)
  }
}
