import { base64 } from 'multiformats/bases/base64'
import { NO_EXCEPTION, MAX_SHORT_BYTES, shortAscii, shortName } from '../bytes/ascii.ts'
import type { Reader } from './build.ts'
import { Dict } from '../model/dict.ts'
import { XrError } from '../model/errors.ts'
import { Predicate } from '../model/predicate.ts'
import { fromUtf8 } from '../bytes/utf8.ts'
import { bigintOf } from './input.ts'

const BACKSLASH = 0x5c

/** Reads the values of dag-json where a tape says they stand. */
export class JsonReader implements Reader {
  readonly #input: Uint8Array

  constructor(input: Uint8Array) {
    this.#input = input
  }

  int(from: number, to: number): bigint {
    return BigInt(asciiAt(this.#input, from, to))
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
    return (
      (to - from <= MAX_SHORT_BYTES ? shortName(this.#input, from, to, BACKSLASH) : undefined) ??
      escapedAt(this.#input, from, to)
    )
  }

  bytes(from: number, to: number): Uint8Array {
    try {
      return base64.baseDecode(asciiAt(this.#input, from, to))
    } catch (cause) {
      if ((cause as Error).name !== 'SyntaxError') {
        // out of stack, say: no verdict on the bytes
        throw cause
      }
      throw new XrError('XR_FORM', 'the bits of base64 beyond the last byte must be 0', { offset: to, cause })
    }
  }

  link(from: number, to: number): Predicate {
    return new Predicate('link', [textAt(this.#input, from, to)], Dict.empty) // the scan has parsed the CID
  }
}

/** Bytes that are known to be ASCII, as text. */
export function asciiAt(input: Uint8Array, from: number, to: number): string {
  const text = to - from <= MAX_SHORT_BYTES ? shortAscii(input, from, to, NO_EXCEPTION) : undefined
  if (text !== undefined) {
    return text
  }
  if (to - from > 4096) {
    return fromUtf8(input.subarray(from, to), from)
  }
  return String.fromCharCode(...input.subarray(from, to))
}

/** The content of a JSON string, its escapes resolved. */
export function textAt(input: Uint8Array, from: number, to: number): string {
  return (
    (to - from <= MAX_SHORT_BYTES ? shortAscii(input, from, to, BACKSLASH) : undefined) ?? escapedAt(input, from, to)
  )
}

function escapedAt(input: Uint8Array, from: number, to: number): string {
  const raw = fromUtf8(input.subarray(from, to), from)
  // only escapes the scan has let through, so JSON.parse meets no surprise
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw
}
