// The wire's framing and message, small enough to be read beside WIRE
// section 5: what is compared with our code must not come from it.

/** The protocol id of the Go reference. */
export const PROTOCOL = '/ipfs/smart-record/0.0.1'

/** Message types by name. */
export const TYPE = { UPDATE: 0, GET: 1, QUERY: 2 }

/** Go's network.MessageSizeMax, without the length before it. */
export const MAX_MESSAGE = 1 << 22

/**
 * Writes an unsigned LEB128 number.
 *
 * @param {number | bigint} n
 * @returns {Buffer}
 */
export function uvarint(n) {
  const out = []
  for (let rest = BigInt(n); ; rest >>= 7n) {
    if (rest < 0x80n) return Buffer.from([...out, Number(rest)])
    out.push(Number(rest & 0x7fn) | 0x80)
  }
}

/**
 * Puts the length before a payload.
 *
 * @param {Uint8Array} payload
 * @returns {Buffer}
 */
export function frame(payload) {
  return Buffer.concat([uvarint(payload.length), payload])
}

/**
 * Writes a message in field order, leaving out what is zero or empty, as Go does.
 *
 * @param {{ type?: number, key?: string | Uint8Array, value?: string | Uint8Array, ttl?: number | bigint }} fields
 * @returns {Buffer}
 */
export function message({ type = 0, key = '', value = '', ttl = 0n }) {
  /** @type {(tag: number, bytes: Buffer) => Buffer[]} */
  const part = (tag, bytes) => (bytes.length ? [Buffer.from([tag]), uvarint(bytes.length), bytes] : [])
  return Buffer.concat([
    ...(type ? [Buffer.from([0x08]), uvarint(type)] : []),
    ...part(0x12, Buffer.from(key)),
    ...part(0x1a, Buffer.from(value)),
    ...(BigInt(ttl) ? [Buffer.from([0x20]), uvarint(ttl)] : []),
  ])
}

/**
 * Reads a message that is written so.
 *
 * @param {Uint8Array} bytes
 * @returns {{ type: number, key: Buffer, value: Buffer, ttl: bigint }}
 */
export function parseMessage(bytes) {
  const buffer = Buffer.from(bytes)
  let at = 0
  const number = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = buffer.readUInt8(at++)
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  const out = { type: 0, key: Buffer.alloc(0), value: Buffer.alloc(0), ttl: 0n }
  while (at < buffer.length) {
    const tag = buffer.readUInt8(at++)
    const value = number()
    if (tag === 0x08) out.type = Number(value)
    else if (tag === 0x20) out.ttl = value
    else if (tag === 0x12 || tag === 0x1a) {
      const end = at + Number(value)
      if (end > buffer.length) throw new RangeError('a field is longer than its message')
      out[tag === 0x12 ? 'key' : 'value'] = buffer.subarray(at, end)
      at = end
    } else throw new RangeError(`no field has the tag ${tag}`)
  }
  return out
}
