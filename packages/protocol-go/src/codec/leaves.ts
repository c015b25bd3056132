import { XrError } from '@sr/xr'
import { base64Bytes } from './base64.ts'
import { type Lexer, OPEN_OBJECT, QUOTE } from './lexer.ts'
import { bitsOf, headSize, isInt64, type Measure } from './measure.ts'
import { Name, readField } from './names.ts'
import { Op, type Tape } from './tape.ts'

/** Digits of the widest int64. */
const INT64_DIGITS = 19

/** The part of the first pass that knows the five kinds without anything in them. */
export class Leaves {
  readonly #lexer: Lexer
  readonly #measure: Measure
  readonly #tape: Tape
  /** whether the last node can be a key of a plain map: a String, and not `/`, which dag-json reserves */
  plain: boolean

  constructor(lexer: Lexer, measure: Measure, tape: Tape) {
    this.#lexer = lexer
    this.#measure = measure
    this.#tape = tape
    this.plain = false
  }

  /** Takes the value of a member of the union of nodes. */
  take(member: number): void {
    this.plain = false
    switch (member) {
      case Name.STRING:
        this.#text()
        return
      case Name.INT:
        this.#int()
        return
      case Name.FLOAT:
        this.#float()
        return
      case Name.BOOL:
        this.#bool()
        return
      case Name.BYTES:
        this.#bytes()
        return
      default:
        throw this.#lexer.fault('one of the eight kinds, by its Go name')
    }
  }

  #text(): void {
    const lexer = this.#lexer
    this.string()
    const { style, from, to, length } = lexer
    this.#measure.node(length + headSize(length), from)
    this.#tape.write(style, from, to)
    this.plain = length !== 1 || style === Op.UTF8 || lexer.text(style, from, to) !== '/'
  }

  /** Takes a string that is no node of its own. */
  string(): void {
    const lexer = this.#lexer
    if (lexer.skip() !== QUOTE) {
      throw lexer.fault('a string')
    }
    lexer.string()
    this.#measure.string(lexer.length, lexer.from)
  }

  #int(): void {
    const lexer = this.#lexer
    lexer.skip()
    const integer = lexer.number()
    const { from, to } = lexer
    const negative = lexer.bytes[from] === 0x2d
    const digits = to - from - (negative ? 1 : 0)
    if (!integer || digits > INT64_DIGITS || (digits === INT64_DIGITS && !isInt64(BigInt(this.#digits(from, to))))) {
      lexer.at = from
      throw lexer.fault('an integer of 64 bits')
    }
    // 11 digits and more need the longest head; fewer are exact as a number
    const value = digits > 10 ? Infinity : Number(this.#digits(from, to))
    this.#measure.node(headSize(value < 0 ? -1 - value : value), from)
    this.#measure.int(() => bitsOf(BigInt(this.#digits(from, to))), from)
    this.#tape.write(Op.INT, from, to)
  }

  #digits(from: number, to: number): string {
    return this.#lexer.text(Op.ASCII, from, to)
  }

  #float(): void {
    const lexer = this.#lexer
    lexer.skip()
    lexer.number() // Go writes 1.0 as 1, and so it must be read
    this.#measure.node(9, lexer.from)
    this.#tape.write(Op.FLOAT, lexer.from, lexer.to)
  }

  #bool(): void {
    const lexer = this.#lexer
    const letter = lexer.skip()
    if (letter !== 0x74 && letter !== 0x66) {
      throw lexer.fault('true or false')
    }
    this.#measure.node(1, lexer.at)
    this.#tape.write(letter === 0x74 ? Op.TRUE : Op.FALSE, lexer.at, lexer.at)
    // Go looks at the first letter only
    lexer.at += letter === 0x74 ? 4 : 5
  }

  #bytes(): void {
    const lexer = this.#lexer
    lexer.expect(OPEN_OBJECT, 'an object')
    readField(lexer, Name.SLASH)
    lexer.expect(OPEN_OBJECT, 'an object')
    readField(lexer, Name.BASE64)
    if (lexer.skip() !== QUOTE) {
      throw lexer.fault('a string')
    }
    lexer.string()
    const { from, to, style } = lexer
    const text = lexer.plainBytes()
    const length = base64Bytes(text, 0, text.length)
    if (length < 0) {
      throw new XrError('XR_SYNTAX', 'Bytes must be standard base64', { offset: from })
    }
    this.#measure.bytes(length, from)
    this.#measure.node(length + headSize(length), from)
    this.#tape.write(style === Op.ESCAPED ? Op.BASE64_ESCAPED : Op.BASE64, from, to)
    lexer.endObject()
    lexer.endObject()
  }
}
