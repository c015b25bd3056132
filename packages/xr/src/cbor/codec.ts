import { CborReader } from './reader.ts'
import type { CborLimits, CborValue } from './value.ts'
import { CborWriter } from './writer.ts'

/**
 * Canonical CBOR of a message: the subset of dag-cbor without floats and links, with `null` and equal list items.
 *
 * @throws XrError `XR_INT` beyond ±(2^53 - 1), `XR_VALUE` for fractions and lone surrogates
 * @example
 * ```ts
 * import { encode } from '@sr/xr/cbor'
 *
 * console.log(encode([7, null, new Map([['b', 1], ['a', 2]])]).join(' ')) // 131 7 246 162 97 97 2 97 98 1
 * ```
 */
export function encode(value: CborValue): Uint8Array<ArrayBuffer> {
  return new CborWriter().value(value).take()
}

/**
 * Decodes a message. Bytes that decode encode to the same bytes again. Byte strings are views of the input.
 *
 * @throws XrError with the offset: as `CborReader`
 * @example
 * ```ts
 * import { decode } from '@sr/xr/cbor'
 *
 * console.log(decode(Uint8Array.of(131, 7, 246, 160))) // [ 7, null, Map(0) {} ]
 * ```
 */
export function decode(bytes: Uint8Array, limits?: Partial<CborLimits>): CborValue {
  const reader = new CborReader(bytes, limits)
  const value = reader.value()
  reader.end()
  return value
}
