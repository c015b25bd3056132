import { XrError } from '@sr/xr'
import { asciiAt, textAt, toUtf8 } from '@sr/xr/codec-kit'

export const QUOTE = 0x22
export const OPEN_OBJECT = 0x7b
export const CLOSE_OBJECT = 0x7d
export const OPEN_ARRAY = 0x5b
export const CLOSE_ARRAY = 0x5d
const COMMA = 0x2c
const COLON = 0x3a
const BACKSLASH = 0x5c
const MINUS = 0x2d
const PLUS = 0x2b
const DOT = 0x2e
const ZERO = 0x30
const NINE = 0x39

/** The character of each one-letter escape, by the byte after the backslash; 0 for any other byte. */
const ESCAPES: Uint8Array = new Uint8Array(128)
for (const [letter, text] of ['b\b', 'f\f', 'n\n', 'r\r', 't\t', '\\\\', '//', '""']) {
  ESCAPES[(letter as string).charCodeAt(0)] = (text as string).charCodeAt(0)
}
const LETTER_U = 0x75

/** Reads the tokens of JSON (RFC 8259), with any white space between them. The caller says which token must come next. */
export class Lexer {
  readonly bytes: Uint8Array
  at: number
  /** offsets of the last string or number, without quotes */
  from: number
  to: number
  /** the last string: whether it has escapes, and how long it is in UTF-8 */
  escaped: boolean
  length: number

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.at = 0
    this.from = 0
    this.to = 0
    this.escaped = false
    this.length = 0
  }

  /** Skips white space; returns the byte that follows, or -1 at the end. */
  skip(): number {
    const { bytes } = this
    const end = bytes.length
    let at = this.at
    for (; at < end; at++) {
      const byte = bytes[at] as number
      if (byte !== 0x09 && byte !== 0x20 && byte !== 0x0a && byte !== 0x0d) {
        this.at = at
        return byte
      }
    }
    this.at = at
    return -1
  }

  /** Takes the end of an array or an object and returns false, or the comma before its next item and returns true. */
  next(close: number, begun: boolean): boolean {
    const byte = this.skip()
    if (byte === close) {
      this.at++
      return false
    }
    if (begun) {
      this.expect(COMMA, 'a comma or a closing bracket')
    }
    return true
  }

  /** Takes one required byte. */
  expect(byte: number, what: string): void {
    if (this.skip() !== byte) {
      throw this.fault(what)
    }
    this.at++
  }

  /** Takes the end of an object whose fields are complete. */
  endObject(): void {
    this.expect(CLOSE_OBJECT, 'a closing brace')
  }

  /** Takes one required word. */
  word(text: string): void {
    for (let i = 0; i < text.length; i++) {
      if (this.bytes[this.at + i] !== text.charCodeAt(i)) {
        throw this.fault(text)
      }
    }
    this.at += text.length
  }

  /** Takes the colon after a name. */
  colon(): void {
    this.expect(COLON, 'a colon')
  }

  /** Takes a string, its opening quote next. */
  string(): void {
    const { bytes } = this
    const from = this.at + 1
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] as number
      if (byte === QUOTE) {
        this.#string(from, at, false, at - from)
        return
      }
      if (byte === BACKSLASH) {
        this.#escapedString(from, at)
        return
      }
      if (byte < 0x20) {
        this.at = at
        throw this.fault('a string without control characters')
      }
    }
    this.at = bytes.length
    throw this.fault('the end of a string')
  }

  #string(from: number, to: number, escaped: boolean, length: number): void {
    this.from = from
    this.to = to
    this.escaped = escaped
    this.length = length
    this.at = to + 1
  }

  /** Takes the rest of a string from its first backslash. */
  #escapedString(from: number, first: number): void {
    const { bytes } = this
    let length = first - from
    let at = first
    while (at < bytes.length) {
      const byte = bytes[at] as number
      if (byte === QUOTE) {
        this.#string(from, at, true, length)
        return
      }
      if (byte < 0x20) {
        this.at = at
        throw this.fault('a string without control characters')
      }
      if (byte !== BACKSLASH) {
        length++
        at++
        continue
      }
      const point = this.#escape(at)
      length += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
      at = this.at
    }
    this.at = bytes.length
    throw this.fault('the end of a string')
  }

  /** The code point of an escape at `at`; moves behind it. */
  #escape(at: number): number {
    const letter = this.bytes[at + 1]
    if (letter !== LETTER_U) {
      const point = letter === undefined ? 0 : (ESCAPES[letter] ?? 0)
      this.at = at + 2
      if (point === 0) {
        throw this.fault('an escape that JSON knows')
      }
      return point
    }
    const unit = this.#hex(at + 2)
    this.at = at + 6
    if (unit < 0xd800 || unit > 0xdfff) {
      return unit
    }
    const low =
      unit < 0xdc00 && this.bytes[at + 6] === BACKSLASH && this.bytes[at + 7] === LETTER_U ? this.#hex(at + 8) : 0
    if (low < 0xdc00 || low > 0xdfff) {
      // Go reads U+FFFD here, so that two different strings become one
      throw new XrError('XR_VALUE', 'a String must be well-formed Unicode, found a lone surrogate', { offset: at })
    }
    this.at = at + 12
    return (unit - 0xd800) * 0x400 + (low - 0xdc00) + 0x10000
  }

  #hex(at: number): number {
    let value = 0
    for (let i = at; i < at + 4; i++) {
      const byte = this.bytes[i] ?? 0
      const lower = byte | 0x20
      const digit = byte >= ZERO && byte <= NINE ? byte - ZERO : lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
      if (digit < 0) {
        this.at = i
        throw this.fault('four hexadecimal digits')
      }
      value = value * 16 + digit
    }
    return value
  }

  /** Takes a number; returns whether it is written as an integer. */
  number(): boolean {
    const { bytes } = this
    const from = this.at
    let at = bytes[from] === MINUS ? from + 1 : from
    const first = bytes[at] ?? 0
    if (first < ZERO || first > NINE) {
      throw this.fault('a number')
    }
    // no digit may follow a leading zero
    at = first === ZERO ? at + 1 : this.#digits(at)
    const integer = at
    if (bytes[at] === DOT) {
      at = this.#someDigits(at + 1, 'the digits of a fraction')
    }
    if (((bytes[at] ?? 0) | 0x20) === 0x65) {
      const sign = bytes[at + 1]
      at = this.#someDigits(sign === PLUS || sign === MINUS ? at + 2 : at + 1, 'the digits of an exponent')
    }
    this.from = from
    this.to = at
    this.at = at
    return at === integer
  }

  #someDigits(from: number, what: string): number {
    const to = this.#digits(from)
    if (to === from) {
      this.at = to
      throw this.fault(what)
    }
    return to
  }

  #digits(from: number): number {
    let at = from
    for (let byte = this.bytes[at] ?? 0; byte >= ZERO && byte <= NINE; byte = this.bytes[at] ?? 0) {
      at++
    }
    return at
  }

  /** The text of a string that was read. */
  text(from: number = this.from, to: number = this.to): string {
    return textAt(this.bytes, from, to)
  }

  /** The digits of a number that was read. */
  digits(from: number = this.from, to: number = this.to): string {
    return asciiAt(this.bytes, from, to)
  }

  /** The string last read, without escapes: a view of the input where it has none. */
  plainBytes(): Uint8Array {
    return this.escaped ? toUtf8(this.text()) : this.bytes.subarray(this.from, this.to)
  }

  /** The error for the byte found instead of the expected one. */
  fault(wanted: string, at: number = this.at): XrError {
    const byte = this.bytes[at]
    const found = byte === undefined ? 'the end' : `0x${byte.toString(16).padStart(2, '0')}`
    return new XrError('XR_SYNTAX', `expected ${wanted}, found ${found}`, { offset: Math.min(at, this.bytes.length) })
  }
}
