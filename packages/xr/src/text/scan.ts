import { bitsOf } from '../model/check.ts'
import { XrError } from '../model/errors.ts'
import { overLimit } from '../model/limits.ts'
import { parseCid } from '../model/link.ts'
import { headSize, intSize } from '../model/size.ts'
import { Op, type Tape } from '../codec/tape.ts'
import { syntaxError } from './syntax-error.ts'
import { skipSpace } from './space.ts'
import { scanQuoted, unquote } from './string.ts'

const WORD = /[A-Za-z_$][A-Za-z0-9_$-]*/y
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y
const HEX = /0x(?:[0-9a-fA-F]{2})*/y
const BASE64 = /b64"[A-Za-z0-9+/]*={0,2}"/y
/** Characters that may not directly follow a word or a number. */
const STUCK = /[A-Za-z0-9_$+.-]/

/** Most decimal digits of an Int: 1024 bits have 309. */
const MOST_DIGITS = 309

type Kind = typeof Op.LIST | typeof Op.DICT | typeof Op.PREDICATE

/** An open container. */
interface Level {
  readonly kind: Kind
  readonly close: string
  /** whether the value of an entry comes next, not its key */
  value: boolean
  /** whether named arguments have begun */
  named: boolean
  /** index on the tape of the entry that can become their beginning */
  mark: number
  /** offset of the key or argument that is read, and whether it is a bare word */
  start: number
  bare: boolean
  /** length and size of the tape at that offset */
  place: number
  size: number
  /** whether the node there cannot be the key of a map */
  odd: boolean
  /** number of entries, and whether one has a key that a map cannot hold */
  entries: number
  pairs: boolean
}

/** First pass over the text syntax. Open containers are kept in an array, so depth uses no stack. */
export class TextScanner {
  readonly #text: string
  readonly #tape: Tape
  readonly #levels: Level[]
  #at: number

  /** @param at where the value begins */
  constructor(text: string, tape: Tape, at = 0) {
    this.#text = text
    this.#tape = tape
    this.#levels = []
    this.#at = at
  }

  /**
   * Scans a text that is one value.
   *
   * @throws XrError
   */
  scan(): void {
    if (this.scanValue() < this.#text.length) {
      throw syntaxError(this.#text, this.#at, 'end of text')
    }
  }

  /**
   * Scans a value and the white space behind it; returns the offset there.
   *
   * @throws XrError
   */
  scanValue(): number {
    this.#space()
    for (;;) {
      const level = this.#levels.at(-1)
      if (level !== undefined && !level.value && this.#text.startsWith(level.close, this.#at)) {
        this.#close(level)
      } else if (!this.#node(level)) {
        continue // a container was opened
      }
      // a node is complete; a container that ends is a complete node of its parent
      if (!this.#complete()) {
        return this.#at
      }
    }
  }

  /** Takes the separator after a node; false when the document is complete. */
  #complete(): boolean {
    const level = this.#levels.at(-1)
    const spaced = this.#space()
    if (level === undefined) {
      return false
    }
    if (level.kind !== Op.LIST && !level.value) {
      if (this.#takeEquals(level)) {
        return true
      }
      if (level.kind === Op.DICT || level.named) {
        this.#again(level)
      } else if (level.bare) {
        throw syntaxError(this.#text, level.start, 'a value', 'a bare word is a key or a tag; a String must be quoted')
      }
    }
    level.value = false
    this.#tape.item()
    const comma = this.#text.charCodeAt(this.#at) === 0x2c
    if (comma) {
      this.#at++
      this.#space()
    }
    if (!comma && !spaced && !this.#text.startsWith(level.close, this.#at)) {
      throw syntaxError(this.#text, this.#at, `a space, a comma or ${level.close}`)
    }
    return true
  }

  /** Takes `=` or JSON's `:` after a key or a name. */
  #takeEquals(level: Level): boolean {
    const unit = this.#text.charCodeAt(this.#at)
    if (unit !== 0x3d && unit !== 0x3a) {
      return false
    }
    this.#at++
    this.#space()
    if (level.kind === Op.PREDICATE && !level.named) {
      this.#tape.patchNamed(level.mark, this.#at)
      level.named = true
    }
    this.#entry(level)
    return true
  }

  #entry(level: Level): void {
    level.value = true
    level.entries++
    level.pairs ||= level.odd
  }

  /** Go prints an entry whose key equals its value once; records the key again, as the value. */
  #again(level: Level): void {
    if (level.bare || level.kind === Op.PREDICATE) {
      throw syntaxError(this.#text, this.#at, '=')
    }
    this.#entry(level)
    this.#tape.again(level.place, level.size, level.start)
  }

  /** Reads a leaf and returns true, or opens a container and returns false. */
  #node(level: Level | undefined): boolean {
    const at = this.#at
    if (level !== undefined && !level.value) {
      level.start = at
      level.bare = false
      level.odd = false
      level.place = this.#tape.length
      level.size = this.#tape.size
      if (level.kind === Op.PREDICATE && !level.named) {
        level.mark = this.#tape.maybeNamed(at)
      }
    }
    const key = level !== undefined && level.kind !== Op.LIST && !level.value
    switch (this.#text[at]) {
      case '{':
        this.#notText(level, key)
        return this.#open(Op.DICT, '}', at, at, at + 1, 0)
      case '[':
        this.#notText(level, key)
        return this.#open(Op.LIST, ']', at, at, at + 1, 0)
      case '(': // Go prints an empty tag as nothing
        this.#notText(level, key)
        return this.#open(Op.PREDICATE, ')', at, at, at + 1, 3)
      case '"':
        return this.#quoted(level, key)
      default:
        return /[0-9-]/.test(this.#text[at] ?? '') ? this.#number(level, key) : this.#word(level, key)
    }
  }

  #quoted(level: Level | undefined, key: boolean): boolean {
    const at = this.#at
    const { end, utf8 } = scanQuoted(this.#text, at)
    if (this.#text[end] === '(') {
      this.#notText(level, key)
      this.#tape.checkString(utf8, at)
      return this.#predicate(at, end, utf8, unquote(this.#text, at, end))
    }
    if (key && utf8 === 1 && unquote(this.#text, at, end) === '/') {
      this.#notText(level, key)
    }
    this.#tape.text(at, end, utf8)
    this.#at = end
    return true
  }

  #word(level: Level | undefined, key: boolean): boolean {
    const at = this.#at
    const word = this.#match(WORD)
    if (word === undefined) {
      throw syntaxError(
        this.#text,
        at,
        key
          ? `a key or ${level?.close ?? ''}`
          : level === undefined || level.value
            ? 'a value'
            : `a value or ${level.close}`,
      )
    }
    const end = at + word.length
    if (this.#text[end] === '(') {
      this.#notText(level, key)
      return this.#predicate(at, end, word.length, word)
    }
    if (word === 'true' || word === 'false') {
      this.#notText(level, key)
      this.#tape.leaf(word === 'true' ? Op.TRUE : Op.FALSE, at, end, 1)
      this.#at = end
      return true
    }
    if (word === 'b64' && this.#text[end] === '"') {
      this.#notText(level, key)
      return this.#base64()
    }
    if (!key) {
      const why =
        word === 'null'
          ? 'null is none of the eight kinds: omit the key or the member'
          : 'a bare word is a key or a tag; a String must be quoted'
      throw syntaxError(this.#text, at, 'a value', why)
    }
    if (word === 'null') {
      throw syntaxError(this.#text, at, 'a key', 'null is none of the eight kinds; the String "null" must be quoted')
    }
    ;(level as Level).bare = true
    this.#tape.text(at, end, word.length)
    this.#at = end
    return true
  }

  #number(level: Level | undefined, key: boolean): boolean {
    const at = this.#at
    const text = this.#text
    this.#notText(level, key)
    const hex = this.#match(HEX)
    if (hex !== undefined) {
      this.#at = this.#free(at + hex.length)
      this.#tape.bytes(at, this.#at, (hex.length - 2) / 2)
      return true
    }
    NUMBER.lastIndex = at
    const match = NUMBER.exec(text)
    if (match === null) {
      throw syntaxError(text, at, 'a number')
    }
    const digits = match[0]
    const end = this.#free(at + digits.length)
    if (match[1] !== undefined || match[2] !== undefined) {
      if (!Number.isFinite(Number(digits))) {
        throw new XrError('XR_VALUE', 'a Float must be finite', { offset: at })
      }
      this.#tape.leaf(Op.FLOAT, at, end, 9)
    } else {
      this.#int(digits, at, end)
    }
    this.#at = end
    return true
  }

  #int(digits: string, at: number, end: number): void {
    if (digits.length > MOST_DIGITS + 1) {
      throw overLimit('int', this.#tape.limits.int, Math.floor((digits.length - 2) * Math.log2(10)), { offset: at })
    }
    const value = BigInt(digits)
    this.#tape.checkInt(bitsOf(value), at)
    this.#tape.leaf(Op.INT, at, end, intSize(value))
  }

  #base64(): boolean {
    const at = this.#at
    const match = this.#match(BASE64)
    if (match === undefined) {
      throw syntaxError(this.#text, at, 'b64"…" with digits of base64')
    }
    const digits = match.slice(4, -1).replaceAll('=', '').length
    this.#tape.bytes(at, at + match.length, Math.floor((digits * 6) / 8))
    this.#at = at + match.length
    return true
  }

  #predicate(from: number, to: number, utf8: number, tag: string): boolean {
    if (tag === 'link' && this.#link(to + 1)) {
      return true
    }
    this.#tape.checkString(utf8, from)
    return this.#open(Op.PREDICATE, ')', from, to, to + 1, 2 + utf8 + headSize(utf8))
  }

  /** `link("cid")` with a valid CID and nothing else takes the size of an IPLD link. */
  #link(inside: number): boolean {
    const start = this.#at
    this.#at = inside
    this.#space()
    const from = this.#at
    if (this.#text[from] === '"') {
      const { end, utf8 } = scanQuoted(this.#text, from)
      this.#at = end
      this.#space()
      if (this.#text[this.#at] === ',') {
        this.#at++
        this.#space()
      }
      const cid =
        this.#text[this.#at] === ')' && utf8 <= this.#tape.limits.string
          ? parseCid(unquote(this.#text, from, end))
          : undefined
      if (cid !== undefined) {
        const length = cid.length + 1
        this.#tape.link(from, end, 2 + headSize(length) + length, utf8)
        this.#at++
        return true
      }
    }
    this.#at = start
    return false
  }

  #open(kind: Kind, close: string, from: number, to: number, next: number, bytes: number): boolean {
    this.#tape.open(kind, from, to, bytes)
    this.#levels.push({
      kind,
      close,
      value: false,
      named: false,
      mark: -1,
      start: next,
      bare: false,
      place: 0,
      size: 0,
      odd: false,
      entries: 0,
      pairs: false,
    })
    this.#at = next
    this.#space()
    return false
  }

  #close(level: Level): void {
    const at = this.#at
    if (level.pairs) {
      this.#tape.add(2 + level.entries, at)
    }
    if (level.kind === Op.PREDICATE && !level.named) {
      this.#tape.add(1, at) // the head of the empty map of named arguments
    }
    this.#tape.close(at)
    this.#levels.pop()
    this.#at++
  }

  /** Records that the node, if it is a key, cannot be the key of a map. */
  #notText(level: Level | undefined, key: boolean): void {
    if (key && level !== undefined) {
      level.odd = true
    }
  }

  /** Skips white space and comments; returns whether there was any. */
  #space(): boolean {
    const from = this.#at
    this.#at = skipSpace(this.#text, from)
    return this.#at > from
  }

  /** The end of a token, which no word character may follow. */
  #free(end: number): number {
    if (STUCK.test(this.#text[end] ?? '')) {
      throw syntaxError(this.#text, end, 'a space, a comma or a bracket')
    }
    return end
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    return pattern.exec(this.#text)?.[0]
  }
}
