import type { Predicate } from '../model/node.ts'
import { NO_EXCEPTION, MAX_SHORT_BYTES, shortAscii, shortName } from '../bytes/ascii.ts'
import type { Reader } from './build.ts'
import { linkOf } from '../model/link.ts'
import { fromUtf8 } from '../bytes/utf8.ts'
import { bigintOf } from './input.ts'

/** Reads values of dag-cbor at the offsets on a tape. */
export class CborReader implements Reader {
  readonly #input: Uint8Array
  #view: DataView | undefined

  constructor(input: Uint8Array) {
    this.#input = input
    this.#view = undefined // created on first use
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

  bigint(negative: boolean, from: number, to: number): bigint {
    return bigintOf(negative, this.#input.subarray(from, to))
  }

  float(from: number): number {
    return this.#numbers().getFloat64(from)
  }

  text(from: number, to: number): string {
    return (
      (to - from <= MAX_SHORT_BYTES ? shortAscii(this.#input, from, to, NO_EXCEPTION) : undefined) ??
      this.#utf8(from, to)
    )
  }

  name(from: number, to: number): string {
    return (
      (to - from <= MAX_SHORT_BYTES ? shortName(this.#input, from, to, NO_EXCEPTION) : undefined) ??
      this.#utf8(from, to)
    )
  }

  #utf8(from: number, to: number): string {
    return fromUtf8(this.#input.subarray(from, to), from)
  }

  bytes(from: number, to: number): Uint8Array {
    return new Uint8Array(this.#input.subarray(from, to)) // a copy; a Buffer's slice would be a view
  }

  link(from: number, to: number): Predicate {
    return linkOf(this.#input.subarray(from, to))
  }
}
