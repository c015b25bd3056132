import { XrError } from '../model/errors.ts'
import { parseCid } from '../model/link.ts'
import { headSize, intSize } from '../model/size.ts'
import { Op } from './tape.ts'
import { printFloat } from '../text/float.ts'
import { compareUtf8 } from '../bytes/utf8.ts'
import { asciiAt, textAt } from '../bytes/json-text.ts'
import type { NaturalForm } from './natural.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const BACKSLASH = 0x5c
const LIST = 0x5b
const LIST_END = 0x5d
const MAP = 0x7b
const MAP_END = 0x7d

/** Ints from -2^64 to 2^64 - 1 are written as such; the others as sign and magnitude. */
const INT_END = 1n << 64n

/** 1 for the bytes of base64's standard alphabet. */
const BASE64: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[A-Za-z0-9+/]/.test(String.fromCharCode(byte)) ? 1 : 0,
)

/** An open map or list. */
interface Level {
  readonly parent: Level | undefined
  readonly map: boolean
  /** whether a key or item was read */
  begun: boolean
  /** offsets of the previous key, to check the order */
  from: number
  to: number
  /** whether that key has escapes, so that its bytes are not its text */
  escaped: boolean
}

/**
 * First pass over dag-json: checks tokens, the canonical spelling of each, and the order of keys. Open
 * containers form a linked list, so depth uses no stack.
 */
export class JsonScanner {
  readonly #input: Uint8Array
  readonly #form: NaturalForm
  #level: Level | undefined
  #at: number
  /** UTF-8 bytes of the string read last */
  #utf8: number
  #escaped: boolean

  constructor(input: Uint8Array, form: NaturalForm) {
    this.#input = input
    this.#form = form
    this.#level = undefined
    this.#at = 0
    this.#utf8 = 0
    this.#escaped = false
  }

  /**
   * @throws XrError
   */
  scan(): void {
    for (;;) {
      const level = this.#level
      if (level === undefined) {
        if (this.#form.done) {
          break
        }
      } else if (this.#ended(level)) {
        continue
      }
      if (level?.map === true) {
        this.#key(level)
      }
      this.#value()
    }
    if (this.#at < this.#input.length) {
      throw this.#error('XR_SYNTAX', `${this.#input.length - this.#at} unexpected bytes after the document`)
    }
  }

  /** Takes the closing bracket, true; or the comma before another item, false. */
  #ended(level: Level): boolean {
    const byte = this.#input[this.#at]
    if (byte === (level.map ? MAP_END : LIST_END)) {
      this.#form.close(this.#at)
      this.#level = level.parent
      this.#at++
      return true
    }
    if (level.begun) {
      this.#expect(COMMA, 'a comma or a closing bracket')
    }
    level.begun = true
    return false
  }

  #open(map: boolean): void {
    this.#level = { parent: this.#level, map, begun: false, from: -1, to: -1, escaped: false }
    this.#at++
  }

  #key(level: Level): void {
    const start = this.#at
    const from = this.#string()
    const to = this.#at - 1
    const input = this.#input
    const escaped = this.#escaped
    if (level.from >= 0) {
      const order =
        escaped || level.escaped
          ? compareUtf8(this.#plain(level.from, level.to), this.#plain(from, to))
          : this.#compare(level.from, level.to, from, to)
      if (order >= 0) {
        throw order === 0
          ? new XrError('XR_DUPLICATE', 'duplicate Dict key', { offset: start })
          : new XrError('XR_FORM', 'the keys of a map must be sorted', { offset: start })
      }
    }
    level.from = from
    level.to = to
    level.escaped = escaped
    this.#expect(COLON, 'a colon')
    if (to - from === 1 && input[from] === 0x2f) {
      throw new XrError(
        'XR_FORM',
        'the key / is reserved for {"/":"cid"} and {"/":{"bytes":"…"}}; a Dict with it must be encoded as pairs',
        { offset: start },
      )
    }
    this.#form.key(from, to, this.#utf8)
  }

  /** Compares two ranges of the input bytewise. */
  #compare(from: number, to: number, otherFrom: number, otherTo: number): number {
    const input = this.#input
    const shared = Math.min(to - from, otherTo - otherFrom)
    for (let i = 0; i < shared; i++) {
      const difference = (input[from + i] as number) - (input[otherFrom + i] as number)
      if (difference !== 0) {
        return difference
      }
    }
    return to - from - (otherTo - otherFrom)
  }

  #value(): void {
    const at = this.#at
    const byte = this.#input[at]
    switch (byte) {
      case QUOTE: {
        const from = this.#string()
        this.#form.text(from, this.#at - 1, this.#utf8)
        return
      }
      case LIST:
        this.#form.openList(at)
        this.#open(false)
        return
      case MAP:
        if (this.#input[at + 2] === 0x2f && this.#matches('{"/":')) {
          this.#reserved()
          return
        }
        this.#form.openMap(at)
        this.#open(true)
        return
      case 0x66:
        this.#word('false')
        this.#form.leaf(Op.FALSE, at, at, 1)
        return
      case 0x74:
        this.#word('true')
        this.#form.leaf(Op.TRUE, at, at, 1)
        return
      case 0x6e:
        this.#word('null')
        this.#form.null(at)
        return
      default:
        this.#number()
    }
  }

  /** `{"/":"cid"}` or `{"/":{"bytes":"base64"}}`. */
  #reserved(): void {
    const start = this.#at
    this.#at += 5
    const bytes = this.#matches('{"bytes":')
    if (bytes) {
      this.#at += 9
    }
    if (this.#input[this.#at] !== QUOTE && !this.#endsWithin('{"bytes":"')) {
      throw this.#error('XR_FORM', 'the key / is reserved for {"/":"cid"} and {"/":{"bytes":"…"}}')
    }
    const from = this.#string()
    const to = this.#at - 1
    this.#expect(MAP_END, 'a closing brace')
    if (bytes) {
      this.#expect(MAP_END, 'a closing brace')
      this.#base64(from, to)
      return
    }
    this.#form.checkLink(to - from, from)
    const cid = parseCid(this.#plain(from, to))
    if (cid === undefined) {
      throw new XrError('XR_VALUE', 'a link must contain a valid CID in canonical form', { offset: start })
    }
    const length = cid.length + 1
    this.#form.link(from, to, 2 + headSize(length) + length, to - from)
  }

  #base64(from: number, to: number): void {
    for (let i = from; i < to; i++) {
      if (BASE64[this.#input[i] as number] !== 1) {
        throw new XrError('XR_FORM', 'Bytes must be base64 without padding', { offset: i })
      }
    }
    const digits = to - from
    if (digits % 4 === 1) {
      throw new XrError('XR_FORM', `base64 without padding cannot have ${digits} digits`, { offset: to })
    }
    this.#form.bytes(from, to, Math.floor((digits * 6) / 8))
  }

  /** Reads a string; returns the offset of its content, which ends before the quote just read. */
  #string(): number {
    const input = this.#input
    if (input[this.#at] !== QUOTE) {
      this.#expect(QUOTE, 'a string')
    }
    const from = this.#at + 1
    let escapes = 0
    let at = from
    for (;;) {
      if (at >= input.length) {
        throw new XrError('XR_SYNTAX', 'the input ends inside a string', { offset: at })
      }
      const byte = input[at] as number
      if (byte > BACKSLASH) {
        at++
      } else if (byte === QUOTE) {
        break
      } else if (byte === BACKSLASH) {
        const length = this.#escape(at)
        escapes += length - 1
        at += length
      } else if (byte < 0x20) {
        throw new XrError('XR_SYNTAX', 'a control character must be escaped in a string', { offset: at })
      } else {
        at++
      }
    }
    this.#utf8 = at - from - escapes
    this.#escaped = escapes > 0
    this.#at = at + 1
    return from
  }

  /** The length of an escape; refuses one that is not the canonical spelling of its character. */
  #escape(at: number): number {
    switch (this.#input[at + 1]) {
      case QUOTE:
      case BACKSLASH:
      case 0x62: // b f n r t
      case 0x66:
      case 0x6e:
      case 0x72:
      case 0x74:
        return 2
      case 0x75: {
        const digits = asciiAt(this.#input, at + 2, at + 6)
        // the other control characters have the short escapes above
        if (/^00(?:0[0-7be-f]|1[0-9a-f])$/.test(digits)) {
          return 6
        }
        if (/^[0-9a-fA-F]{4}$/.test(digits)) {
          throw /^[dD][89a-fA-F]/.test(digits)
            ? new XrError('XR_VALUE', 'a surrogate must not be escaped: a String is written in UTF-8', { offset: at })
            : new XrError('XR_FORM', 'this character must be written as itself or as its short escape', {
                offset: at,
              })
        }
        throw new XrError('XR_SYNTAX', 'expected four hex digits after \\u', { offset: at })
      }
      case 0x2f:
        throw new XrError('XR_FORM', '/ must not be escaped', { offset: at })
      default:
        throw new XrError('XR_SYNTAX', 'unknown escape sequence', { offset: at })
    }
  }

  #number(): void {
    const input = this.#input
    const from = this.#at
    let at = from
    let float = false
    for (; at < input.length; at++) {
      const byte = input[at] as number
      if (byte >= 0x30 && byte <= 0x39) {
        continue
      }
      if (byte === 0x2e || byte === 0x65 || byte === 0x45) {
        float = true
      } else if (byte !== 0x2d && byte !== 0x2b) {
        break
      }
    }
    if (at === from) {
      throw this.#unexpected('a value')
    }
    // 2^64 has 20 digits, the longest Float 24 characters; a longer number is refused anyway
    const digits = asciiAt(input, from, Math.min(at, from + 40))
    if (float) {
      this.#float(digits, from, at)
    } else {
      this.#int(digits, from, at)
    }
    this.#at = at
  }

  #int(digits: string, from: number, to: number): void {
    if (!/^-?[0-9]+$/.test(digits)) {
      throw this.#error('XR_SYNTAX', `malformed number ${digits}`)
    }
    if (!/^(?:0|-?[1-9][0-9]*)$/.test(digits)) {
      throw this.#error('XR_FORM', 'an Int must have no leading zeros, and 0 no sign')
    }
    const value = to - from > 21 ? INT_END : BigInt(digits)
    if (value >= INT_END || value < -INT_END) {
      throw this.#error('XR_FORM', 'an Int outside 64 bits must be encoded as sign and magnitude')
    }
    this.#form.int(from, to, intSize(value), value === 1n ? 1 : value === -1n ? -1 : 0)
  }

  #float(digits: string, from: number, to: number): void {
    if (!/^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/.test(digits)) {
      throw this.#error(
        to - from > digits.length ? 'XR_FORM' : 'XR_SYNTAX',
        `malformed number, or more digits than any Float has: ${digits}`,
      )
    }
    const value = Number(digits)
    if (!Number.isFinite(value)) {
      throw this.#error('XR_VALUE', 'a Float must be finite')
    }
    if (to - from !== digits.length || printFloat(value) !== digits) {
      throw this.#error('XR_FORM', `a Float must be in JavaScript's shortest form, here ${printFloat(value)}`)
    }
    this.#form.leaf(Op.FLOAT, from, to, 9)
  }

  #word(word: string): void {
    if (!this.#matches(word)) {
      throw this.#error('XR_SYNTAX', `expected ${word}`)
    }
    this.#at += word.length
  }

  #matches(ascii: string): boolean {
    for (let i = 0; i < ascii.length; i++) {
      if (this.#input[this.#at + i] !== ascii.charCodeAt(i)) {
        return false
      }
    }
    return true
  }

  #expect(byte: number, what: string): void {
    if (this.#input[this.#at] !== byte) {
      throw this.#unexpected(what)
    }
    this.#at++
  }

  /** The error for the byte found instead of the expected one. */
  #unexpected(what: string): XrError {
    const space = [0x20, 0x09, 0x0a, 0x0d].includes(this.#input[this.#at] ?? -1)
    return space
      ? this.#error('XR_FORM', 'canonical dag-json must have no white space between tokens')
      : this.#error(
          'XR_SYNTAX',
          this.#at < this.#input.length ? `expected ${what}` : 'the input ends inside the document',
        )
  }

  /** Whether the input ends with the first characters of `ascii`, or with none of them. */
  #endsWithin(ascii: string): boolean {
    const left = this.#input.length - this.#at
    return left < ascii.length && this.#matches(ascii.slice(0, left))
  }

  #plain(from: number, to: number): string {
    return textAt(this.#input, from, to)
  }

  #error(code: 'XR_SYNTAX' | 'XR_FORM' | 'XR_VALUE', message: string): XrError {
    return new XrError(code, message, { offset: this.#at })
  }
}
