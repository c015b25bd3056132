import { type Check, checkField, first } from './config.ts'

/** What {@link number} accepts. */
export interface NumberRange {
  /** default: -Infinity */
  readonly min?: number
  /** default: Infinity */
  readonly max?: number
  /** whole numbers only; Infinity counts as one where it is in the range */
  readonly integer?: boolean
  /** whether `min` itself is refused */
  readonly above?: boolean
}

/** A number in a range, never NaN. */
export function number({ min = -Infinity, max = Infinity, integer = false, above = false }: NumberRange = {}): Check {
  const bounds = [
    ...(min === -Infinity ? [] : [above ? `above ${min}` : `from ${min}`]),
    ...(max === Infinity ? [] : [`to ${max}`]),
  ]
  const expected = [integer ? 'a whole number' : 'a number', ...bounds].join(' ')
  return (got) => {
    if (typeof got !== 'number') {
      return { code: 'CONFIG_TYPE', expected, got }
    }
    const inRange = above ? got > min && got <= max : got >= min && got <= max
    return inRange && (!integer || Number.isInteger(got) || Math.abs(got) === Infinity)
      ? undefined
      : { code: 'CONFIG_RANGE', expected, got, ...(got > max ? { max } : {}) }
  }
}

/** Milliseconds from 0; Infinity means without a limit. */
export const duration: Check = number({ min: 0 })

/** A string of `min` (1) to `max` characters. */
export function text({ min = 1, max = Infinity }: { readonly min?: number; readonly max?: number } = {}): Check {
  const expected = `a string of ${min}${max === Infinity ? ' or more' : ` to ${max}`} characters`
  return (got) => {
    if (typeof got !== 'string') {
      return { code: 'CONFIG_TYPE', expected, got }
    }
    return got.length >= min && got.length <= max
      ? undefined
      : { code: 'CONFIG_RANGE', expected, got, ...(got.length > max ? { max } : {}) }
  }
}

/** true or false. */
export const bool: Check = where('true or false', (value) => typeof value === 'boolean')

/** A function. */
export const func: Check = where('a function', (value) => typeof value === 'function')

/** A Uint8Array, of any realm. */
export const bytes: Check = where(
  'a Uint8Array',
  (value) => ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]',
)

/** One of these values. */
export function oneOf(...values: ReadonlyArray<string | number | boolean>): Check {
  const expected = `one of ${values.map((value) => JSON.stringify(value)).join(', ')}`
  return (got) => ((values as readonly unknown[]).includes(got) ? undefined : { code: 'CONFIG_RANGE', expected, got })
}

/** An array whose elements are all accepted. */
export function listOf(check: Check, { min = 0 }: { readonly min?: number } = {}): Check {
  return (got) => {
    if (!Array.isArray(got) || got.length < min) {
      const expected = min === 0 ? 'an array' : `an array of ${min} or more elements`
      return { code: Array.isArray(got) ? 'CONFIG_RANGE' : 'CONFIG_TYPE', expected, got }
    }
    return first(
      got.map((element, at) => () => {
        const problem = check(element)
        return problem === undefined
          ? undefined
          : { ...problem, field: problem.field === undefined ? `[${at}]` : `[${at}].${problem.field}` }
      }),
    )
  }
}

/** An object, or an instance of a class, that has at least these members: a port that the caller implements. */
export function port(members: Readonly<Record<string, Check>>): Check {
  const entries = Object.entries(members)
  const names = Object.keys(members).join(', ')
  return (got) =>
    (typeof got === 'object' && got !== null) || typeof got === 'function'
      ? first(
          entries.map(
            ([name, check]) =>
              () =>
                checkField(got, name, check),
          ),
        )
      : { code: 'CONFIG_TYPE', expected: `an object with ${names}`, got }
}

/** A value that passes a test; `expected` says which. */
export function where(expected: string, test: (value: unknown) => boolean): Check {
  return (got) => (test(got) ? undefined : { code: 'CONFIG_TYPE', expected, got })
}
