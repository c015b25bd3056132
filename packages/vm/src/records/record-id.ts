/** RFC 4648 base32 in lower case, without padding: safe as a store key and as a file name. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

/** The id of a record in the machine and its stores: its key in base32. */
export function recordId(key: Uint8Array): string {
  let id = ''
  let buffer = 0
  let bits = 0
  for (const byte of key) {
    buffer = (buffer << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      id += ALPHABET[(buffer >> bits) & 31]
    }
    buffer &= (1 << bits) - 1
  }
  return bits === 0 ? id : id + ALPHABET[(buffer << (5 - bits)) & 31]
}

/** The key from which {@link recordId} made `id`. */
export function recordKey(id: string): Uint8Array {
  const key = new Uint8Array(Math.floor((id.length * 5) / 8))
  let buffer = 0
  let bits = 0
  let at = 0
  for (const char of id) {
    buffer = (buffer << 5) | ALPHABET.indexOf(char)
    bits += 5
    if (bits >= 8) {
      bits -= 8
      key[at++] = buffer >> bits
      buffer &= (1 << bits) - 1
    }
  }
  return key
}
