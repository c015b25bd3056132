/** RFC 4648 base32 in lower case, without padding: safe as a store key and as a file name. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

const CODES = Uint8Array.from(ALPHABET, (char) => char.charCodeAt(0))

const DIGITS = Uint8Array.from({ length: 128 }, (_, char) => Math.max(0, ALPHABET.indexOf(String.fromCharCode(char))))

/**
 * The id of a record in the machine and its stores: its key in base32.
 *
 * @example
 * ```ts
 * import { recordId, recordKey } from '@sr/vm'
 *
 * console.log(recordId(Uint8Array.of(1, 2, 3)), recordKey('aebag')) // aebag Uint8Array(3) [ 1, 2, 3 ]
 * ```
 */
export function recordId(key: Uint8Array): string {
  // character codes at once: text that grows by a character keeps each of its lengths in memory
  const codes = new Array<number>(Math.ceil((key.length * 8) / 5))
  let at = 0
  let buffer = 0
  let bits = 0
  for (let i = 0; i < key.length; i++) {
    buffer = ((buffer << 8) | (key[i] as number)) & 0xfff
    for (bits += 8; bits >= 5; bits -= 5) {
      codes[at++] = CODES[(buffer >> (bits - 5)) & 31] as number
    }
  }
  if (bits > 0) {
    codes[at] = CODES[(buffer << (5 - bits)) & 31] as number
  }
  return String.fromCharCode.apply(null, codes)
}

/** The key from which {@link recordId} made `id`. */
export function recordKey(id: string): Uint8Array {
  const key = new Uint8Array(Math.floor((id.length * 5) / 8))
  let buffer = 0
  let bits = 0
  let at = 0
  for (let i = 0; i < id.length; i++) {
    buffer = ((buffer << 5) | (DIGITS[id.charCodeAt(i) & 127] as number)) & 0xfff
    bits += 5
    if (bits >= 8) {
      bits -= 8
      key[at++] = buffer >> bits
    }
  }
  return key
}
