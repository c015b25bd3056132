import { XrError } from '@sr/xr'
import { Op } from './tape.ts'

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

/** What a byte after a backslash stands for; 0 where it stands for nothing. */
const ESCAPES: Uint8Array = new Uint8Array(128)
for (const [letter, text] of ['b\b', 'f\f', 'n\n', 'r\r', 't\t', '\\\\', '//', '""']) {
  ESCAPES[(letter as string).charCodeAt(0)] = (text as string).charCodeAt(0)
}
const LETTER_U = 0x75

/** Decodes strictly, and keeps a leading U+FEFF, which is text like any other. */
const utf8: TextDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder: TextEncoder = new TextEncoder()

/** Strings up to this many bytes are put together byte by byte; beyond it a call into the decoder pays off. */
const SHORT = 24

/** Whether a string has escapes, or bytes beyond ASCII, or neither. */
export type TextOp = typeof Op.ASCII | typeof Op.UTF8 | typeof Op.ESCAPED

/**
 * Reads JSON as leniently as Go's reader of the time does: a comma may be missing or stand at an
 * end. What an input must hold next is for the caller to say.
 */
export class Lexer {
  readonly bytes: Uint8Array
  at: number
  /** the last string or number read: where it stands, without quotes */
  from: number
  to: number
  /** the last string: how it is written, and how long it is in UTF-8 */
  style: TextOp
  length: number

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.at = 0
    this.from = 0
    this.to = 0
    this.style = Op.ASCII
    this.length = 0
  }

  /** Passes over whitespace; answers the byte that follows, or -1 at the end. */
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

  /** Passes over a comma where one may stand; answers the byte that follows. */
  separator(allowed: boolean): number {
    const byte = this.skip()
    if (byte === COMMA && allowed) {
      this.at++
      return this.skip()
    }
    return byte
  }

  /** Takes one byte that must come. */
  expect(byte: number, what: string): void {
    if (this.skip() !== byte) {
      throw this.fault(what)
    }
    this.at++
  }

  /** Takes the end of an object whose fields are complete. */
  endObject(): void {
    if (this.separator(true) !== CLOSE_OBJECT) {
      throw this.fault('the end of an object')
    }
    this.at++
  }

  /** Takes the colon after a name. */
  colon(): void {
    this.expect(COLON, 'a colon')
  }

  /** Takes a string, its opening quote next. */
  string(): void {
    const { bytes } = this
    const from = this.at + 1
    let style: TextOp = Op.ASCII
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] as number
      if (byte === QUOTE) {
        this.#string(from, at, style, at - from)
        return
      }
      if (byte === BACKSLASH) {
        this.#escapedString(from, at)
        return
      }
      if (byte < 0x20) {
        this.at = at
        throw this.fault('no control character in a string')
      }
      if (byte >= 0x80) {
        style = Op.UTF8
      }
    }
    this.at = bytes.length
    throw this.fault('the end of a string')
  }

  #string(from: number, to: number, style: TextOp, length: number): void {
    this.from = from
    this.to = to
    this.style = style
    this.length = length
    this.at = to + 1
  }

  /** Goes on with a string from its first backslash. */
  #escapedString(from: number, first: number): void {
    const { bytes } = this
    let length = first - from
    let at = first
    while (at < bytes.length) {
      const byte = bytes[at] as number
      if (byte === QUOTE) {
        this.#string(from, at, Op.ESCAPED, length)
        return
      }
      if (byte < 0x20) {
        this.at = at
        throw this.fault('no control character in a string')
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

  /** The code point of an escape that begins at `at`; leaves the position behind it. */
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
      // Go puts U+FFFD here: two strings would become one
      throw new XrError('XR_VALUE', 'a String must be well-formed Unicode: half a surrogate pair', { offset: at })
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

  /** Takes a number; answers whether it is written as an integer. */
  number(): boolean {
    const { bytes } = this
    const from = this.at
    let at = bytes[from] === MINUS ? from + 1 : from
    const first = bytes[at] ?? 0
    if (first < ZERO || first > NINE) {
      throw this.fault('a number')
    }
    // a zero stands alone: 01 is 0 and then a 1 that nothing expects
    at = first === ZERO ? at + 1 : this.#digits(at)
    const integer = at
    if (bytes[at] === DOT) {
      at = this.#digits(at + 1)
    }
    const mark = bytes[at] ?? 0
    if ((mark | 0x20) === 0x65 && !(bytes[at - 1] === DOT)) {
      const sign = bytes[at + 1]
      const start = sign === PLUS || sign === MINUS ? at + 2 : at + 1
      at = this.#digits(start)
      if (at === start) {
        this.at = at
        throw this.fault('the digits of an exponent')
      }
    }
    this.from = from
    this.to = at
    this.at = at
    return at === integer
  }

  #digits(from: number): number {
    let at = from
    for (let byte = this.bytes[at] ?? 0; byte >= ZERO && byte <= NINE; byte = this.bytes[at] ?? 0) {
      at++
    }
    return at
  }

  /** The text of a string that was read. */
  text(op: TextOp, from: number, to: number): string {
    if (op === Op.ASCII && to - from <= SHORT) {
      let text = ''
      for (let i = from; i < to; i++) {
        text += String.fromCharCode(this.bytes[i] as number)
      }
      return text
    }
    if (op !== Op.ESCAPED) {
      return this.#raw(from, to)
    }
    const { at: resume } = this
    let text = ''
    let start = from
    for (let at = from; at < to;) {
      if (this.bytes[at] !== BACKSLASH) {
        at++
        continue
      }
      text += this.#raw(start, at) + String.fromCodePoint(this.#escape(at))
      at = start = this.at
    }
    this.at = resume
    return text + this.#raw(start, to)
  }

  #raw(from: number, to: number): string {
    if (from === to) {
      return ''
    }
    try {
      return utf8.decode(this.bytes.subarray(from, to))
    } catch (cause) {
      throw new XrError('XR_VALUE', 'a String must be valid UTF-8', { offset: from, cause })
    }
  }

  /** The string last read, without escapes: a view of the input where it has none. */
  plainBytes(): Uint8Array {
    return this.style === Op.ESCAPED
      ? encoder.encode(this.text(Op.ESCAPED, this.from, this.to))
      : this.bytes.subarray(this.from, this.to)
  }

  /** What was found is not what should come. */
  fault(wanted: string): XrError {
    const found =
      this.at < this.bytes.length ? `0x${(this.bytes[this.at] as number).toString(16).padStart(2, '0')}` : 'the end'
    return new XrError('XR_SYNTAX', `expected ${wanted}, found ${found}`, {
      offset: Math.min(this.at, this.bytes.length),
    })
  }
}
