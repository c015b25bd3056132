import type { Reader } from '../build.ts'
import { XrError } from '../errors.ts'
import { decodeCid, linkOf } from '../link.ts'
import type { Predicate } from '../predicate.ts'
import { fromUtf8 } from '../utf8.ts'
import { wideInt } from './input.ts'

/** Strings up to this many bytes are put together byte by byte; beyond it a call into the decoder pays off. */
const SHORT = 24

/** Reads the values of dag-cbor where a tape says they stand. */
export class CborReader implements Reader {
  readonly #input: Uint8Array
  readonly #view: DataView

  constructor (input: Uint8Array) {
    this.#input = input
    this.#view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  }

  int (from: number, to: number): bigint {
    const input = this.#input
    const head = input[from] as number
    const width = to - from - 1
    let value: bigint
    if (width === 0) {
      value = BigInt(head & 31)
    } else if (width === 8) {
      value = this.#view.getBigUint64(from + 1)
    } else {
      let argument = 0
      for (let i = from + 1; i < to; i++) {
        argument = argument * 256 + (input[i] as number)
      }
      value = BigInt(argument)
    }
    return head >= 0x20 ? -1n - value : value
  }

  wide (negative: boolean, from: number, to: number): bigint {
    return wideInt(negative, this.#input.subarray(from, to))
  }

  float (from: number): number {
    return this.#view.getFloat64(from)
  }

  text (from: number, to: number): string {
    const input = this.#input
    if (to - from <= SHORT) {
      let text = ''
      let i = from
      for (; i < to; i++) {
        const byte = input[i] as number
        if (byte >= 0x80) {
          break
        }
        text += String.fromCharCode(byte)
      }
      if (i === to) {
        return text
      }
    }
    try {
      return fromUtf8(input.subarray(from, to))
    } catch (cause) {
      throw new XrError('XR_VALUE', 'a String must be valid UTF-8', { offset: from, cause })
    }
  }

  bytes (from: number, to: number): Uint8Array {
    return this.#input.slice(from, to)
  }

  link (from: number, to: number): Predicate {
    return linkOf(decodeCid(this.#input.subarray(from, to)))
  }
}
