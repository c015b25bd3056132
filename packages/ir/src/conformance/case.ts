/** One check of a contract, for any test runner. */
export interface Case<Setup> {
  readonly name: string
  /** what the setup must have for this case to mean anything; others skip it */
  readonly needs?: readonly string[]
  /**
   * @throws Error that says what is wrong
   */
  run(setup: Setup): void | Promise<void>
}

/** Ends a case that does not hold. */
export function demand(holds: boolean, message: string): asserts holds {
  if (!holds) {
    throw new Error(message)
  }
}
