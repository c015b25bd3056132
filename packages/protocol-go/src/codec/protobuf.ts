import { overLimit, ProtocolError } from '@sr/protocol'
import { MAX_UNKNOWN_FIELDS } from '../limits.ts'

/** https://protobuf.dev/programming-guides/encoding/#structure */
export const WireType = { VARINT: 0, FIXED64: 1, BYTES: 2, FIXED32: 5 } as const

/** A varint of 64 bits takes up to this many bytes. */
const VARINT_BYTES = 10

/**
 * Reads a protobuf message strictly: no truncation, no overflow, no groups, no field
 * 0, and few unknown fields. Varints may be longer than necessary, as other decoders allow.
 */
export class ProtobufReader {
  readonly #bytes: Uint8Array
  #at: number
  #unknown: number

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#at = 0
    this.#unknown = 0
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** The next field's number, times 8, plus its wire type. */
  tag(): number {
    const tag = this.varint()
    if (tag > 0xffffffffn || tag < 8n) {
      throw malformed('a field number must be from 1 to 2^29 - 1')
    }
    return Number(tag)
  }

  /** An unsigned number of up to 64 bits. */
  varint(): bigint {
    const first = this.#byte()
    if (first < 0x80) {
      return BigInt(first)
    }
    let value = BigInt(first & 0x7f)
    for (let digits = 1; digits < VARINT_BYTES; digits++) {
      const byte = this.#byte()
      value |= BigInt(byte & 0x7f) << BigInt(7 * digits)
      if (byte < 0x80) {
        if (value >= 1n << 64n) {
          break
        }
        return value
      }
    }
    throw malformed('a number must fit into 64 bits')
  }

  /** A view of the bytes of a length-delimited field. */
  bytes(): Uint8Array {
    const length = this.varint()
    if (length > BigInt(this.#bytes.length - this.#at)) {
      throw malformed('a field is longer than the message')
    }
    const from = this.#at
    this.#at += Number(length)
    return this.#bytes.subarray(from, this.#at)
  }

  /** Skips an unknown field. */
  skip(tag: number): void {
    if (++this.#unknown > MAX_UNKNOWN_FIELDS) {
      throw overLimit('PROTOCOL_NODES', 'unknown fields', MAX_UNKNOWN_FIELDS, this.#unknown)
    }
    switch (tag & 7) {
      case WireType.VARINT:
        this.varint()
        return
      case WireType.BYTES:
        this.bytes()
        return
      case WireType.FIXED64:
        this.#advance(8)
        return
      case WireType.FIXED32:
        this.#advance(4)
        return
      default:
        throw malformed('groups and unknown wire types are not taken')
    }
  }

  #byte(): number {
    if (this.#at >= this.#bytes.length) {
      throw malformed('the message ends inside a field')
    }
    return this.#bytes[this.#at++] as number
  }

  #advance(count: number): void {
    if (count > this.#bytes.length - this.#at) {
      throw malformed('the message ends inside a field')
    }
    this.#at += count
  }
}

function malformed(message: string): ProtocolError {
  return new ProtocolError('PROTOCOL_PROTO', message)
}

/** Bytes of an unsigned varint below 2^31. */
export function varintBytes(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5
}

/** Writes an unsigned varint below 2^31 at `at`; returns the offset behind it. */
export function writeVarint(out: Uint8Array, at: number, value: number): number {
  let left = value
  let end = at
  for (; left >= 0x80; left >>>= 7) {
    out[end++] = (left & 0x7f) | 0x80
  }
  out[end++] = left
  return end
}
