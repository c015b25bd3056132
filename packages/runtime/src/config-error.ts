/**
 * What is wrong with an option.
 *
 * - `CONFIG_MISSING`: an option that is required is absent or undefined
 * - `CONFIG_UNKNOWN`: no option has this name
 * - `CONFIG_TYPE`: a value of another type
 * - `CONFIG_RANGE`: a value of the right type that is not allowed, such as NaN
 * - `CONFIG_CONFLICT`: a value that contradicts another option
 */
export type ConfigErrorCode = 'CONFIG_MISSING' | 'CONFIG_UNKNOWN' | 'CONFIG_TYPE' | 'CONFIG_RANGE' | 'CONFIG_CONFLICT'

/** What a {@link ConfigError} has besides its code. */
export interface ConfigErrorDetail {
  /** the function or object that takes the options */
  readonly of: string
  /** path of the option, such as `limits.maxTtl`; empty for all options together */
  readonly field: string
  readonly expected: string
  readonly got: unknown
  /** the largest value that is allowed, where that is the limit */
  readonly max?: number
}

/**
 * An option that a function or a constructor refuses. All packages throw it, at construction, before anything runs.
 *
 * @example
 * ```ts
 * import { ConfigError } from '@sr/runtime'
 *
 * const err = new ConfigError('CONFIG_RANGE', { of: 'createMachine', field: 'limits.maxTtl', expected: 'a number from 1', got: NaN })
 * console.log(err.code, err.field) // CONFIG_RANGE limits.maxTtl
 * console.log(err.message) // createMachine: limits.maxTtl is NaN; expected a number from 1
 * ```
 */
export class ConfigError extends RangeError {
  readonly code: ConfigErrorCode
  readonly of: string
  readonly field: string
  readonly expected: string
  readonly got: unknown
  readonly max: number | undefined

  constructor(code: ConfigErrorCode, { of, field, expected, got, max }: ConfigErrorDetail) {
    super(`${of}: ${field === '' ? 'the argument' : field} is ${describe(got)}; expected ${expected}`)
    this.name = 'ConfigError'
    this.code = code
    this.of = of
    this.field = field
    this.expected = expected
    this.got = got
    this.max = max
  }
}

/** Longest text of a value in a message, characters. */
const MAX_TEXT = 40

function describe(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value)
  }
  if (typeof value === 'function' || (typeof value === 'object' && value !== null)) {
    const kind = Array.isArray(value) ? 'array' : typeof value
    return kind === 'function' ? 'a function' : `an ${kind}`
  }
  return String(value)
}
