import { XrError } from '@sr/xr'
import { bitsOf, headSize } from '@sr/xr/codec-kit'
import { base64Bytes } from './base64.ts'
import { type Lexer, OPEN_OBJECT, QUOTE } from './lexer.ts'
import { isInt64, type LimitCounter } from './limit-counter.ts'
import { Name, readField } from './names.ts'
import { Op, type Tape } from './tape.ts'

const SLASH = 0x2f

/** Digits of the largest int64. */
const INT64_DIGITS = 19

/** The part of the first pass for the five kinds of leaves. */
export class Leaves {
  readonly #lexer: Lexer
  readonly #counter: LimitCounter
  readonly #tape: Tape
  /** whether the last node can be a key of a plain map: a String, and not `/`, which dag-json reserves */
  plain: boolean

  constructor(lexer: Lexer, counter: LimitCounter, tape: Tape) {
    this.#lexer = lexer
    this.#counter = counter
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
        throw this.#lexer.fault('the Go name of one of the eight kinds')
    }
  }

  #text(): void {
    const lexer = this.#lexer
    this.string()
    const { from, to, length } = lexer
    this.#counter.node(length + headSize(length), from)
    this.#tape.write(Op.TEXT, from, to)
    this.plain = length !== 1 || lexer.plainBytes()[0] !== SLASH
  }

  /** Takes a string that is not a node by itself. */
  string(): void {
    const lexer = this.#lexer
    if (lexer.skip() !== QUOTE) {
      throw lexer.fault('a string')
    }
    lexer.string()
    this.#counter.string(lexer.length, lexer.from)
  }

  #int(): void {
    const lexer = this.#lexer
    lexer.skip()
    const integer = lexer.number()
    const { from, to } = lexer
    const negative = lexer.bytes[from] === 0x2d
    const digits = to - from - (negative ? 1 : 0)
    if (!integer || digits > INT64_DIGITS || (digits === INT64_DIGITS && !isInt64(BigInt(lexer.digits())))) {
      lexer.at = from
      throw lexer.fault('an integer of 64 bits')
    }
    // 11 digits or more need the longest head; fewer are exact as a number
    const value = digits > 10 ? Infinity : Number(lexer.digits())
    this.#counter.node(headSize(value < 0 ? -1 - value : value), from)
    this.#counter.int(() => bitsOf(BigInt(lexer.digits(from, to))), from)
    this.#tape.write(Op.INT, from, to)
  }

  #float(): void {
    const lexer = this.#lexer
    lexer.skip()
    lexer.number() // Go writes 1.0 as 1
    this.#counter.node(9, lexer.from)
    this.#tape.write(Op.FLOAT, lexer.from, lexer.to)
  }

  #bool(): void {
    const lexer = this.#lexer
    const letter = lexer.skip()
    const { at } = lexer
    lexer.word(letter === 0x66 ? 'false' : 'true')
    this.#counter.node(1, at)
    this.#tape.write(letter === 0x66 ? Op.FALSE : Op.TRUE, at, at)
  }

  #bytes(): void {
    const lexer = this.#lexer
    lexer.expect(OPEN_OBJECT, 'an opening brace')
    readField(lexer, Name.SLASH)
    lexer.expect(OPEN_OBJECT, 'an opening brace')
    readField(lexer, Name.BASE64)
    if (lexer.skip() !== QUOTE) {
      throw lexer.fault('a string')
    }
    lexer.string()
    const { from, to, escaped } = lexer
    const text = lexer.plainBytes()
    const length = base64Bytes(text, 0, text.length)
    if (length < 0) {
      throw new XrError('XR_SYNTAX', 'malformed base64', { offset: from })
    }
    this.#counter.bytes(length, from)
    this.#counter.node(length + headSize(length), from)
    this.#tape.write(escaped ? Op.BASE64_ESCAPED : Op.BASE64, from, to)
    lexer.endObject()
    lexer.endObject()
  }
}
