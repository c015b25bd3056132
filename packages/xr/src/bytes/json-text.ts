import { MAX_SHORT_BYTES, NO_EXCEPTION, shortAscii, shortName } from './ascii.ts'
import { fromUtf8 } from './utf8.ts'

const BACKSLASH = 0x5c
const MINUS = 0x2d
const ZERO = 0x30

/** Most bytes that are passed to String.fromCharCode as arguments; more could exceed the stack. */
const MAX_ARGUMENTS = 4096

/**
 * The text of bytes that the caller knows to be ASCII, such as the digits of a number.
 *
 * @example
 * ```ts
 * import { asciiAt } from '@sr/xr/codec-kit'
 *
 * console.log(asciiAt(new TextEncoder().encode('[443]'), 1, 4)) // 443
 * ```
 */
export function asciiAt(input: Uint8Array, from: number, to: number): string {
  const text = to - from <= MAX_SHORT_BYTES ? shortAscii(input, from, to, NO_EXCEPTION) : undefined
  if (text !== undefined) {
    return text
  }
  if (to - from > MAX_ARGUMENTS) {
    return fromUtf8(input.subarray(from, to), from)
  }
  return String.fromCharCode(...input.subarray(from, to))
}

/** Digits and sign that a number always holds exactly. */
const MAX_SAFE_DIGITS = 15

/**
 * The Int of decimal digits, with or without a minus sign. The caller has checked that they are digits.
 *
 * @example
 * ```ts
 * import { intAt } from '@sr/xr/codec-kit'
 *
 * console.log(intAt(new TextEncoder().encode('[-443]'), 1, 5)) // -443n
 * ```
 */
export function intAt(input: Uint8Array, from: number, to: number): bigint {
  if (to - from > MAX_SAFE_DIGITS) {
    return BigInt(asciiAt(input, from, to))
  }
  const negative = input[from] === MINUS
  let value = 0
  for (let i = negative ? from + 1 : from; i < to; i++) {
    value = value * 10 + (input[i] as number) - ZERO
  }
  return BigInt(negative ? -value : value)
}

/**
 * The content of a JSON string without its quotes, escapes resolved. The caller has checked the escapes.
 *
 * @throws XrError `XR_VALUE` for bytes that are not UTF-8
 * @example
 * ```ts
 * import { textAt } from '@sr/xr/codec-kit'
 *
 * console.log(textAt(new TextEncoder().encode('"a\\u0062c"'), 1, 9)) // abc
 * ```
 */
export function textAt(input: Uint8Array, from: number, to: number): string {
  return (
    (to - from <= MAX_SHORT_BYTES ? shortAscii(input, from, to, BACKSLASH) : undefined) ?? escapedAt(input, from, to)
  )
}

/** {@link textAt} for the keys of maps, of which the short ones are cached. */
export function nameAt(input: Uint8Array, from: number, to: number): string {
  return (
    (to - from <= MAX_SHORT_BYTES ? shortName(input, from, to, BACKSLASH) : undefined) ?? escapedAt(input, from, to)
  )
}

function escapedAt(input: Uint8Array, from: number, to: number): string {
  const raw = fromUtf8(input.subarray(from, to), from)
  // the scanner has checked every escape, so JSON.parse does not throw
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw
}
