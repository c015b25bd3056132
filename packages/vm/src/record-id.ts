/** RFC 4648 base32 in lower case, without padding: safe in every store and file name, and order-preserving enough to list by. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

/** The name of a record inside the machine and its stores: its key in base32. */
export function recordId (key: Uint8Array): string {
  let id = ''
  let held = 0
  let bits = 0
  for (const byte of key) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      id += ALPHABET[(held >> bits) & 31]
    }
    held &= (1 << bits) - 1
  }
  return bits === 0 ? id : id + ALPHABET[(held << (5 - bits)) & 31]
}
