/** RFC 4648 base32 in lower case, without padding: safe in every store and file name, and order-preserving enough to list by. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

/** The name of a record inside the machine and its stores: its key in base32. */
export function recordId(key: Uint8Array): string {
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

/** The key that a record's name was made of. */
export function recordKey(id: string): Uint8Array {
  const key = new Uint8Array(Math.floor((id.length * 5) / 8))
  let held = 0
  let bits = 0
  let at = 0
  for (const char of id) {
    held = (held << 5) | ALPHABET.indexOf(char)
    bits += 5
    if (bits >= 8) {
      bits -= 8
      key[at++] = held >> bits
      held &= (1 << bits) - 1
    }
  }
  return key
}
