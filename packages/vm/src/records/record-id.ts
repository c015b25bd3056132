/** RFC 4648 base32 in lower case, without padding: safe as a store key and as a file name. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

/** The id of a record in the machine and its stores: its key in base32. */
export function recordId(key: Uint8Array): string {
  return regroup(key, 8, 5, Math.ceil((key.length * 8) / 5))
    .map((digit) => ALPHABET[digit])
    .join('')
}

/** The key from which {@link recordId} made `id`. */
export function recordKey(id: string): Uint8Array {
  const digits = Array.from(id, (char) => ALPHABET.indexOf(char))
  return Uint8Array.from(regroup(digits, 5, 8, Math.floor((id.length * 5) / 8)))
}

/** Reads groups of `from` bits as `count` groups of `to` bits; bits that are missing at the end are 0. */
function regroup(groups: Iterable<number>, from: number, to: number, count: number): number[] {
  const result: number[] = []
  let buffer = 0
  let bits = 0
  for (const group of groups) {
    buffer = (buffer << from) | group
    for (bits += from; bits >= to; bits -= to) {
      result.push((buffer >> (bits - to)) & ((1 << to) - 1))
    }
    buffer &= (1 << bits) - 1
  }
  if (result.length < count) {
    result.push((buffer << (to - bits)) & ((1 << to) - 1))
  }
  return result
}
