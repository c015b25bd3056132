import { ConfigError, type ConfigErrorCode } from './config-error.ts'

/** Why a value is refused. */
export interface ConfigProblem {
  readonly code: ConfigErrorCode
  /** path below the checked value; absent for the value itself */
  readonly field?: string
  readonly expected: string
  readonly got: unknown
  readonly max?: number
}

/** Returns why a value is refused, or undefined. */
export type Check = (value: unknown) => ConfigProblem | undefined

/** A {@link Check} that accepts undefined. */
export interface OptionalCheck extends Check {
  readonly optional: true
}

/** A check for every option of `T`; the compiler refuses a table that misses one, and `optional` for one that is required. */
export type Checks<T> = { readonly [K in keyof T]-?: undefined extends T[K] ? OptionalCheck : Check }

/**
 * Checks the options that a public function takes: unknown names, missing ones, types and ranges. `of` names the function
 * in the message.
 *
 * @throws ConfigError for the first option that is refused
 * @example
 * ```ts
 * import { checkConfig, number, optional, text } from '@sr/runtime'
 *
 * interface Init {
 *   readonly name: string
 *   readonly retries?: number
 * }
 * const check = (init: unknown) => checkConfig<Init>('connect', init, { name: text(), retries: optional(number({ min: 0, integer: true })) })
 * check({ name: 'a', retries: 3 })
 * try {
 *   check({ name: 'a', retries: NaN })
 * } catch (err) {
 *   console.log((err as Error).message) // connect: retries is NaN; expected a whole number from 0
 * }
 * ```
 */
export function checkConfig<T extends object>(of: string, value: unknown, checks: Checks<T>): void {
  const problem = shape(checks)(value)
  if (problem !== undefined) {
    throw new ConfigError(problem.code, { ...problem, of, field: problem.field ?? '' })
  }
}

/** Accepts undefined, and what `check` accepts. */
export function optional(check: Check): OptionalCheck {
  return Object.assign((value: unknown) => (value === undefined ? undefined : check(value)), {
    optional: true as const,
  })
}

/** An object with these options and no others. */
export function shape<T extends object>(given: Checks<T>): Check {
  const checks = { ...given }
  const entries = Object.entries<Check>(checks)
  return (value) =>
    checkNames(value, checks) ??
    first(
      entries.map(
        ([name, check]) =>
          () =>
            checkField(value, name, check),
      ),
    )
}

/** An object with any of these options and no others, such as limits with defaults. One that is present must not be undefined. */
export function partial<T extends object>(given: { readonly [K in keyof T]-?: Check }): Check {
  const checks = { ...given }
  const entries = Object.entries<Check>(checks)
  return (value) =>
    checkNames(value, checks) ??
    first(
      entries.map(
        ([name, check]) =>
          () =>
            Object.hasOwn(value as object, name) ? checkField(value, name, check) : undefined,
      ),
    )
}

/** Checks one property of an object. */
export function checkField(value: unknown, name: string, check: Check): ConfigProblem | undefined {
  const got = (value as Readonly<Record<string, unknown>>)[name]
  const problem = check(got)
  if (problem === undefined) {
    return undefined
  }
  const field =
    problem.field === undefined ? name : `${name}${problem.field.startsWith('[') ? '' : '.'}${problem.field}`
  return { ...problem, field, ...(got === undefined && problem.field === undefined ? { code: 'CONFIG_MISSING' } : {}) }
}

/** The first problem of several checks. */
export function first(checks: ReadonlyArray<() => ConfigProblem | undefined>): ConfigProblem | undefined {
  for (const check of checks) {
    const problem = check()
    if (problem !== undefined) {
      return problem
    }
  }
  return undefined
}

function checkNames(value: unknown, checks: object): ConfigProblem | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return {
      code: value === undefined ? 'CONFIG_MISSING' : 'CONFIG_TYPE',
      expected: 'an object with options',
      got: value,
    }
  }
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(checks, name))
  const names = Object.keys(checks).join(', ')
  return unknown === undefined
    ? undefined
    : {
        code: 'CONFIG_UNKNOWN',
        field: unknown,
        expected: names === '' ? 'no options' : `one of the options ${names}`,
        got: (value as Readonly<Record<string, unknown>>)[unknown],
      }
}
