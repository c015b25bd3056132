/** One check of a contract, for any test runner. */
export interface Case<Setup> {
  readonly name: string
  /** optional members of the setup that this case requires; a setup without them skips the case */
  readonly needs?: readonly string[]
  /** @throws Error when the contract is broken; its message says what was found and expected */
  run(setup: Setup): void | Promise<void>
}

/** Throws when a condition of a case does not hold. */
export function assert(holds: boolean, message: string): asserts holds {
  if (!holds) {
    throw new Error(message)
  }
}
