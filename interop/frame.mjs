// The wire's framing and message, small enough to be read beside WIRE
// section 5: what the vectors hold must not come from the code they test.

/** The protocol id of the Go reference. */
export const PROTOCOL = '/ipfs/smart-record/0.0.1'

/** Message types by name. */
export const TYPE = { UPDATE: 0, GET: 1, QUERY: 2 }

/** Writes an unsigned LEB128 number. */
export function uvarint(n) {
  const out = []
  for (let rest = BigInt(n); ; rest >>= 7n) {
    if (rest < 0x80n) return Buffer.from([...out, Number(rest)])
    out.push(Number(rest & 0x7fn) | 0x80)
  }
}

/** Puts the length before a payload. */
export function frame(payload) {
  return Buffer.concat([uvarint(payload.length), payload])
}

/** Writes a message in field order, leaving out what is zero or empty, as Go does. */
export function message({ type = 0, key = '', value = '', ttl = 0n }) {
  const part = (tag, bytes) => (bytes.length ? [Buffer.from([tag]), uvarint(bytes.length), bytes] : [])
  return Buffer.concat([
    ...(type ? [Buffer.from([0x08]), uvarint(type)] : []),
    ...part(0x12, Buffer.from(key)),
    ...part(0x1a, Buffer.from(value)),
    ...(BigInt(ttl) ? [Buffer.from([0x20]), uvarint(ttl)] : []),
  ])
}
