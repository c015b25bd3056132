import { ProtocolError } from '@sr/protocol'
import { ProtobufReader, varintBytes, WireType, writeVarint } from './protobuf.ts'

/** What is asked; an answer repeats it. */
export type GoMessageType = 'update' | 'get' | 'query'

/** A message of `/ipfs/smart-record/0.0.1`, request or answer. */
export interface GoMessage {
  readonly type: GoMessageType
  /** the record's key; empty when it was left out, which no request may do */
  readonly key: Uint8Array
  /** the document of an update or the record of an answer; may be empty */
  readonly value: Uint8Array
  /** seconds to live, of an UPDATE; 0 when it was left out */
  readonly ttl: bigint
}

/** The input of {@link goMessage}'s encode: value and ttl are optional. */
export type GoMessageInit = Pick<GoMessage, 'type' | 'key'> & Partial<GoMessage>

const TYPES: readonly GoMessageType[] = ['update', 'get', 'query']
const EMPTY: Uint8Array = new Uint8Array(0)
const UINT64_END = 1n << 64n

const Field = {
  TYPE: (1 << 3) | WireType.VARINT,
  KEY: (2 << 3) | WireType.BYTES,
  VALUE: (3 << 3) | WireType.BYTES,
  TTL: (4 << 3) | WireType.VARINT,
} as const

/** Writes a message as Go does: fields in the order of their numbers, without zero and empty ones. */
function encode(message: GoMessageInit): Uint8Array<ArrayBuffer> {
  const type = TYPES.indexOf(message.type)
  const { key, value = EMPTY, ttl = 0n } = message
  if (type < 0) {
    throw new ProtocolError('PROTOCOL_TYPE', `the type of a message must be one of ${TYPES.join(', ')}`)
  }
  if (ttl < 0n || ttl >= UINT64_END) {
    throw new ProtocolError('PROTOCOL_TTL', 'a time to live must be from 0 to 2^64 - 1 seconds')
  }
  const length = (type > 0 ? 2 : 0) + fieldBytes(key) + fieldBytes(value) + (ttl > 0n ? 1 + ttlBytes(ttl) : 0)
  const out = new Uint8Array(length)
  let at = 0
  if (type > 0) {
    out[at++] = Field.TYPE
    out[at++] = type
  }
  at = putBytes(out, at, Field.KEY, key)
  at = putBytes(out, at, Field.VALUE, value)
  if (ttl > 0n) {
    out[at++] = Field.TTL
    putTtl(out, at, ttl)
  }
  return out
}

/**
 * @throws ProtocolError `PROTOCOL_PROTO` for a malformed or ambiguous message, `PROTOCOL_TYPE` for an unknown
 * type, `PROTOCOL_NODES` for too many unknown fields
 */
function decode(bytes: Uint8Array): GoMessage {
  const reader = new ProtobufReader(bytes)
  let type: GoMessageType | undefined
  let key: Uint8Array | undefined
  let value: Uint8Array | undefined
  let ttl: bigint | undefined
  while (!reader.done) {
    const tag = reader.tag()
    switch (tag) {
      case Field.TYPE:
        type = typeOf(once(type, reader.varint()))
        break
      case Field.KEY:
        key = once(key, reader.bytes())
        break
      case Field.VALUE:
        value = once(value, reader.bytes())
        break
      case Field.TTL:
        ttl = once(ttl, reader.varint())
        break
      default:
        if (tag >>> 3 <= 4) {
          throw new ProtocolError('PROTOCOL_PROTO', `field ${tag >>> 3} has wire type ${tag & 7}`)
        }
        reader.skip(tag)
    }
  }
  return { type: type ?? 'update', key: key ?? EMPTY, value: value ?? EMPTY, ttl: ttl ?? 0n }
}

// Other decoders take the last one; then two decoders could read different messages.
function once<T>(before: unknown, now: T): T {
  if (before !== undefined) {
    throw new ProtocolError('PROTOCOL_PROTO', 'duplicate field')
  }
  return now
}

function typeOf(number: bigint): GoMessageType {
  // an int32 on the wire: negative ones as the 64 bits of their two's complement
  if (BigInt.asUintN(64, BigInt.asIntN(32, number)) !== number) {
    throw new ProtocolError('PROTOCOL_PROTO', 'a type must be a number of 32 bits')
  }
  const type = TYPES[Number(BigInt.asIntN(32, number))]
  if (type === undefined) {
    throw new ProtocolError('PROTOCOL_TYPE', `unknown message type ${BigInt.asIntN(32, number)}`)
  }
  return type
}

function fieldBytes({ length }: Uint8Array): number {
  return length === 0 ? 0 : 1 + varintBytes(length) + length
}

/** Bytes of the varint of a time to live, which has up to 64 bits. */
function ttlBytes(ttl: bigint): number {
  return Math.max(1, Math.ceil(ttl.toString(2).length / 7))
}

function putBytes(out: Uint8Array, at: number, tag: number, bytes: Uint8Array): number {
  if (bytes.length === 0) {
    return at
  }
  out[at] = tag
  const after = writeVarint(out, at + 1, bytes.length)
  out.set(bytes, after)
  return after + bytes.length
}

function putTtl(out: Uint8Array, at: number, ttl: bigint): void {
  let left = ttl
  let end = at
  for (; left >= 0x80n; left >>= 7n) {
    out[end++] = Number(left & 0x7fn) | 0x80
  }
  out[end] = Number(left)
}

/** The bytes before the value of an answer: type, key, and the tag of the value. */
function encodeHead(type: GoMessageType, key: Uint8Array): Uint8Array<ArrayBuffer> {
  const message = encode({ type, key })
  const head = new Uint8Array(message.length + 1)
  head.set(message)
  head[message.length] = Field.VALUE
  return head
}

/**
 * The message of the Go protocol: a strict protobuf, without its frame.
 *
 * @example
 * ```ts
 * import { goMessage } from '@sr/protocol-go'
 *
 * const bytes = goMessage.encode({ type: 'get', key: new TextEncoder().encode('234') })
 * console.log(bytes.join(' ')) // 8 1 18 3 50 51 52
 * console.log(goMessage.decode(bytes).type) // get
 * ```
 */
export const goMessage: {
  encode(message: GoMessageInit): Uint8Array<ArrayBuffer>
  /** The bytes before the value of an answer: type, key, and the tag of the value. */
  encodeHead(type: GoMessageType, key: Uint8Array): Uint8Array<ArrayBuffer>
  /** Key and value are views of `bytes`, which may be 4 MiB: copy what is kept after `bytes` is reused. */
  decode(bytes: Uint8Array): GoMessage
} = { encode, encodeHead, decode }
