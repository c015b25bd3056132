import { base64, base64pad } from 'multiformats/bases/base64'
import type { Reader } from '../codec/build.ts'
import { Dict } from '../model/dict.ts'
import { XrError } from '../model/errors.ts'
import { Predicate } from '../model/predicate.ts'
import { unquote } from './string.ts'

/** Reads values of a text at the offsets on the parser's tape, which include quotes. */
export class TextReader implements Reader {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  int(from: number, to: number): bigint {
    return BigInt(this.#text.slice(from, to))
  }

  /** The parser writes every Int as such, however large. */
  bigint(_negative: boolean, from: number, to: number): bigint {
    return this.int(from, to)
  }

  float(from: number, to: number): number {
    const value = Number(this.#text.slice(from, to))
    return value === 0 ? 0 : value
  }

  text(from: number, to: number): string {
    return this.#text.charCodeAt(from) === 0x22 ? unquote(this.#text, from, to) : this.#text.slice(from, to)
  }

  name(from: number, to: number): string {
    return this.text(from, to)
  }

  bytes(from: number, to: number): Uint8Array {
    const text = this.#text
    if (text.charCodeAt(from) !== 0x30) {
      // b64"…"
      const digits = text.slice(from + 4, to - 1)
      try {
        return (digits.endsWith('=') ? base64pad : base64).baseDecode(digits)
      } catch (cause) {
        if ((cause as Error).name !== 'SyntaxError') {
          // such as a stack overflow, which says nothing about the text
          throw cause
        }
        throw new XrError('XR_VALUE', 'the unused bits of the last base64 digit must be 0', { offset: from, cause })
      }
    }
    const bytes = new Uint8Array((to - from - 2) / 2)
    for (let i = 0; i < bytes.length; i++) {
      const at = from + 2 + i * 2
      bytes[i] = nibble(text.charCodeAt(at)) * 16 + nibble(text.charCodeAt(at + 1))
    }
    return bytes
  }

  link(from: number, to: number): Predicate {
    return new Predicate('link', [this.text(from, to)], Dict.empty)
  }
}

/** The value of a hex digit: `0`–`9`, then `A`–`F` and `a`–`f`, which differ by one bit. */
function nibble(unit: number): number {
  return unit <= 0x39 ? unit - 0x30 : (unit | 0x20) - 0x57
}
