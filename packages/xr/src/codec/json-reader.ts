import { base64 } from 'multiformats/bases/base64'
import { asciiAt, intAt, nameAt, textAt } from '../bytes/json-text.ts'
import type { Reader } from './build.ts'
import { Dict } from '../model/dict.ts'
import { XrError } from '../model/errors.ts'
import { Predicate } from '../model/predicate.ts'
import { bigintOf } from './input.ts'

/** Reads values of dag-json at the offsets on a tape. */
export class JsonReader implements Reader {
  readonly #input: Uint8Array

  constructor(input: Uint8Array) {
    this.#input = input
  }

  int(from: number, to: number): bigint {
    return intAt(this.#input, from, to)
  }

  bigint(negative: boolean, from: number, to: number): bigint {
    return bigintOf(negative, this.bytes(from, to))
  }

  float(from: number, to: number): number {
    return Number(asciiAt(this.#input, from, to))
  }

  text(from: number, to: number): string {
    return textAt(this.#input, from, to)
  }

  name(from: number, to: number): string {
    return nameAt(this.#input, from, to)
  }

  bytes(from: number, to: number): Uint8Array {
    try {
      return base64.baseDecode(asciiAt(this.#input, from, to))
    } catch (cause) {
      if ((cause as Error).name !== 'SyntaxError') {
        // such as a stack overflow, which says nothing about the bytes
        throw cause
      }
      throw new XrError('XR_FORM', 'the unused bits of the last base64 digit must be 0', { offset: to, cause })
    }
  }

  link(from: number, to: number): Predicate {
    return new Predicate('link', [textAt(this.#input, from, to)], Dict.empty) // the scanner has checked the CID
  }
}
