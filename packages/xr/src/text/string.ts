import { XrError } from '../model/errors.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** The short escapes: JSON's, and those that only Go's `%q` writes. */
const SHORT: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['a', '\x07'],
  ['v', '\v'],
])

/** Hex digits that follow the long escapes. */
const DIGITS: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
])

/** The end of a quoted string, and its UTF-8 length. */
export interface Quoted {
  /** behind the closing quote */
  end: number
  utf8: number
}

/**
 * Scans a quoted string that begins at `at`.
 *
 * @throws XrError `XR_SYNTAX` when it does not end or holds a control character or an unknown
 * escape, `XR_VALUE` for surrogates that are no pair
 */
export function scanQuoted(text: string, at: number): Quoted {
  let utf8 = 0
  let i = at + 1
  for (;;) {
    const unit = text.charCodeAt(i)
    if (unit === QUOTE) {
      return { end: i + 1, utf8 }
    }
    if (unit >= 0x80) {
      const code = text.codePointAt(i) as number
      if (code >= 0xd800 && code <= 0xdfff) {
        throw new XrError('XR_VALUE', 'a String must be well-formed Unicode, found a lone surrogate', {
          offset: i,
        })
      }
      utf8 += lengthOf(code)
      i += code > 0xffff ? 2 : 1
    } else if (unit === BACKSLASH) {
      const { code, end } = escapeAt(text, i)
      utf8 += lengthOf(code)
      i = end
    } else if (unit >= 0x20) {
      utf8++
      i++
    } else if (i >= text.length) {
      throw new XrError('XR_SYNTAX', 'the text ends inside a string', { offset: i })
    } else {
      throw new XrError('XR_SYNTAX', 'a control character must be escaped in a string', { offset: i })
    }
  }
}

/** The content of a quoted string that was scanned before. */
export function unquote(text: string, from: number, to: number): string {
  const content = text.slice(from + 1, to - 1)
  // searched in the content only: a search in the whole text could run to its end for every string
  if (!content.includes('\\')) {
    return content
  }
  const parts: string[] = []
  let i = 0
  for (let escape = content.indexOf('\\'); escape !== -1; escape = content.indexOf('\\', i)) {
    const { code, end } = escapeAt(content, escape)
    parts.push(content.slice(i, escape), String.fromCodePoint(code))
    i = end
  }
  parts.push(content.slice(i))
  return parts.join('')
}

function lengthOf(code: number): number {
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
}

function escapeAt(text: string, at: number): { code: number; end: number } {
  const letter = text.charAt(at + 1)
  const short = SHORT.get(letter)
  if (short !== undefined) {
    return { code: short.charCodeAt(0), end: at + 2 }
  }
  const digits = DIGITS.get(letter)
  if (digits === undefined) {
    throw new XrError('XR_SYNTAX', 'unknown escape sequence', { offset: at })
  }
  const code = hexAt(text, at + 2, digits)
  const end = at + 2 + digits
  if (letter === 'x' && code >= 0x80) {
    throw new XrError('XR_VALUE', '\\x is limited to 7f: a byte above it is only part of a character in UTF-8', {
      offset: at,
    })
  }
  if (code > 0x10ffff) {
    throw new XrError('XR_VALUE', `code point 0x${code.toString(16)} is above the maximum 0x10ffff`, { offset: at })
  }
  if (code >= 0xd800 && code <= 0xdfff) {
    return { code: pairAt(text, code, at, end), end: end + 6 }
  }
  return { code, end }
}

/** The character of an escaped surrogate pair whose first half was read. */
function pairAt(text: string, high: number, at: number, next: number): number {
  if (high < 0xdc00 && text.startsWith('\\u', next)) {
    const low = hexAt(text, next + 2, 4)
    if (low >= 0xdc00 && low <= 0xdfff) {
      return (high - 0xd800) * 0x400 + (low - 0xdc00) + 0x10000
    }
  }
  throw new XrError('XR_VALUE', 'a String must be well-formed Unicode, found a lone surrogate', { offset: at })
}

function hexAt(text: string, at: number, digits: number): number {
  const hex = text.slice(at, at + digits)
  if (hex.length !== digits || !/^[0-9a-fA-F]+$/.test(hex)) {
    throw new XrError('XR_SYNTAX', `expected ${digits} hex digits after the escape letter`, { offset: at })
  }
  return Number.parseInt(hex, 16)
}
