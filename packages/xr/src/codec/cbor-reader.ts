import { NOTHING, SHORT, shortAscii, shortName } from '../ascii.ts'
import type { Reader } from '../build.ts'
import { linkOf } from '../link.ts'
import type { Predicate } from '../predicate.ts'
import { fromUtf8 } from '../utf8.ts'
import { wideInt } from './input.ts'

/** Reads the values of dag-cbor where a tape says they stand. */
export class CborReader implements Reader {
  readonly #input: Uint8Array
  #view: DataView | undefined

  constructor(input: Uint8Array) {
    this.#input = input
    this.#view = undefined // made when a number needs it
  }

  int(from: number, to: number): bigint {
    const input = this.#input
    const head = input[from] as number
    const width = to - from - 1
    let value: bigint
    if (width === 0) {
      value = BigInt(head & 31)
    } else if (width === 8) {
      value = this.#numbers().getBigUint64(from + 1)
    } else {
      let argument = 0
      for (let i = from + 1; i < to; i++) {
        argument = argument * 256 + (input[i] as number)
      }
      value = BigInt(argument)
    }
    return head >= 0x20 ? -1n - value : value
  }

  #numbers(): DataView {
    this.#view ??= new DataView(this.#input.buffer, this.#input.byteOffset, this.#input.byteLength)
    return this.#view
  }

  wide(negative: boolean, from: number, to: number): bigint {
    return wideInt(negative, this.#input.subarray(from, to))
  }

  float(from: number): number {
    return this.#numbers().getFloat64(from)
  }

  text(from: number, to: number): string {
    return (to - from <= SHORT ? shortAscii(this.#input, from, to, NOTHING) : undefined) ?? this.#utf8(from, to)
  }

  name(from: number, to: number): string {
    return (to - from <= SHORT ? shortName(this.#input, from, to, NOTHING) : undefined) ?? this.#utf8(from, to)
  }

  #utf8(from: number, to: number): string {
    return fromUtf8(this.#input.subarray(from, to), from)
  }

  bytes(from: number, to: number): Uint8Array {
    return new Uint8Array(this.#input.subarray(from, to)) // a copy; slice of a Buffer would be a view
  }

  link(from: number, to: number): Predicate {
    return linkOf(this.#input.subarray(from, to))
  }
}
