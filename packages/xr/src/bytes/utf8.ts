import { XrError } from '../model/errors.ts'

// The WHATWG Encoding classes, which every runtime has; declared here, since this package is
// compiled without the types of any runtime.
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>
  encodeInto(text: string, target: Uint8Array): { read: number; written: number }
}
declare class TextDecoder {
  constructor(label: string, options: { fatal: boolean; ignoreBOM: boolean })
  decode(bytes: Uint8Array): string
}

const encoder: TextEncoder = new TextEncoder()
// ignoreBOM keeps a leading U+FEFF; without it two different inputs would decode to one string
const decoder: TextDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Writes a well-formed string at `at`; returns the bytes written. */
export function writeUtf8(text: string, target: Uint8Array, at: number): number {
  return encoder.encodeInto(text, at === 0 ? target : target.subarray(at)).written
}

/**
 * The UTF-8 bytes of a well-formed string.
 *
 * @example
 * ```ts
 * import { toUtf8 } from '@sr/xr/codec-kit'
 *
 * console.log(toUtf8('é').join(' ')) // 195 169
 * ```
 */
export function toUtf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text)
}

/**
 * Decodes UTF-8 strictly. `offset` is the position in the input, for the error.
 *
 * @throws XrError `XR_VALUE` for invalid UTF-8, surrogates and over-long forms included
 */
export function fromUtf8(bytes: Uint8Array, offset: number): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    if ((cause as Error).name !== 'TypeError') {
      // such as a stack overflow, which says nothing about the bytes
      throw cause
    }
    throw new XrError('XR_VALUE', 'a String must be valid UTF-8', { offset, cause })
  }
}

/** Bytes of a string in UTF-8; a surrogate pair counts 4. */
export function utf8Length(text: string): number {
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0x80) {
      length += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2
    }
  }
  return length
}

/**
 * Compares two strings by their UTF-8 bytes. The order by UTF-16 units differs for surrogates only: they
 * are below U+E000…U+FFFF, although the code points they encode are above.
 */
export function compareUtf8(a: string, b: string): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) {
      const high = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff
      return high(x) === high(y) ? x - y : high(x) ? 1 : -1
    }
  }
  return a.length - b.length
}
