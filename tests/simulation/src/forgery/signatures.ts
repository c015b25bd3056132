/** Order of the group of Ed25519. RFC 8032, section 5.1 */
const ED25519_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n
/** Order of the group of secp256k1. SEC 2, section 2.4.1 */
const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

const SCALAR_BYTES = 32

export function joined(...pieces: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces))
}

export function withByte(bytes: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  const copy = bytes.slice()
  copy[at] = change(copy[at] as number)
  return copy
}

export function resized(bytes: Uint8Array, length: number): Uint8Array {
  const copy = new Uint8Array(length)
  copy.set(bytes.subarray(0, length))
  return copy
}

/** An unsigned varint, `wide` bytes longer than it needs to be. */
export function varint(value: number, wide = 0): Uint8Array {
  const digits: number[] = []
  for (let rest = value; ; rest >>>= 7) {
    digits.push((rest & 0x7f) | 0x80)
    if (rest < 0x80) break
  }
  for (let i = 0; i < wide; i++) digits.push(0x80)
  digits.push((digits.pop() as number) & 0x7f)
  return Uint8Array.from(digits)
}

const big = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`)
const bytesOf = (value: bigint, length: number): Uint8Array =>
  Uint8Array.from(Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex'))

/** An Ed25519 signature with the order added to S: the same equation holds. Of other signatures, one bit differs. */
export function plusOrder(signature: Uint8Array): Uint8Array {
  if (signature.length !== 2 * SCALAR_BYTES) {
    return withByte(signature, 0, (byte) => byte ^ 1)
  }
  const s = big(signature.slice(SCALAR_BYTES).reverse()) + ED25519_ORDER
  return joined(signature.subarray(0, SCALAR_BYTES), bytesOf(s, SCALAR_BYTES).reverse())
}

/** A secp256k1 signature with the other S, in DER: the same equation holds. */
export function highS(signature: Uint8Array): Uint8Array {
  const rLength = signature[3] as number
  const r = signature.subarray(2, 4 + rLength)
  const s = big(signature.subarray(6 + rLength))
  const negated = bytesOf(SECP256K1_ORDER - s, SCALAR_BYTES)
  const integer = (negated[0] as number) >= 0x80 ? joined(Uint8Array.of(0), negated) : negated
  const body = joined(r, Uint8Array.of(2, integer.length), integer)
  return joined(Uint8Array.of(0x30, body.length), body)
}
