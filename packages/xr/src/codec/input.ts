import { XrError } from '../model/errors.ts'
import { isArrayBuffer, isUint8Array } from '../model/realm.ts'

/** The input of decoders. */
export type Bytes = Uint8Array | ArrayBuffer

/**
 * @throws XrError `XR_KIND` when the input is neither a Uint8Array nor an ArrayBuffer
 */
export function bytesOf(input: Bytes): Uint8Array {
  if (isUint8Array(input)) {
    return input
  }
  if (isArrayBuffer(input)) {
    return new Uint8Array(input)
  }
  throw new XrError('XR_KIND', 'expected a Uint8Array or an ArrayBuffer')
}

/** The Int of a big-endian magnitude and a sign. */
export function bigintOf(negative: boolean, magnitude: Uint8Array): bigint {
  let digits = '0x0'
  for (const byte of magnitude) {
    digits += byte.toString(16).padStart(2, '0')
  }
  return negative ? -BigInt(digits) : BigInt(digits)
}
