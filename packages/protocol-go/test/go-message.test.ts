import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { goMessage, type GoMessage } from '../src/index.ts'
import { frame, type ProtocolError } from '@sr/protocol'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const key = new TextEncoder().encode('234')
const emptyDict = hex('7b0a0922446963745f49504c44223a207b0a0909225061697273223a205b5d0a097d0a7d0a')

function code(input: string): string {
  try {
    goMessage.decode(hex(input))
    return 'accepted'
  } catch (err) {
    return (err as ProtocolError).code
  }
}

describe('messages as Go writes them', () => {
  const cases: Array<[string, Partial<GoMessage> & Pick<GoMessage, 'type' | 'key'>, string]> = [
    [
      'UPDATE for 60 s',
      { type: 'update', key, value: emptyDict, ttl: 60n },
      `2e 1203323334 1a25 ${toHex(emptyDict)} 203c`,
    ],
    ['UPDATE for 0 s', { type: 'update', key, value: emptyDict }, `2c 1203323334 1a25 ${toHex(emptyDict)}`],
    ['UPDATE answer', { type: 'update', key }, '05 1203323334'],
    ['GET', { type: 'get', key }, '07 0801 1203323334'],
    ['QUERY', { type: 'query', key }, '07 0802 1203323334'],
    [
      'GET answer for an unknown key',
      { type: 'get', key: new TextEncoder().encode('nokey'), value: new TextEncoder().encode('{}') },
      '0d 0801 12056e6f6b6579 1a027b7d',
    ],
    ['300 s', { type: 'update', key, ttl: 300n }, '08 1203323334 20ac02'],
    ['2^64 - 1 s', { type: 'update', key, ttl: 2n ** 64n - 1n }, '10 1203323334 20ffffffffffffffffff01'],
  ]

  it.each(cases)('%s', (_name, message, bytes) => {
    expect(toHex(frame(goMessage.encode(message)))).toBe(bytes.replaceAll(' ', ''))
    const read = goMessage.decode(goMessage.encode(message))
    expect({ ...read, key: toHex(read.key), value: toHex(read.value) }).toEqual({
      type: message.type,
      key: toHex(message.key),
      value: toHex(message.value ?? new Uint8Array()),
      ttl: message.ttl ?? 0n,
    })
  })

  it('prefixes a frame of 249 bytes with a length of two bytes', () => {
    expect(toHex(frame(new Uint8Array(249)).subarray(0, 2))).toBe('f901')
    expect(toHex(frame(new Uint8Array(4_194_304)).subarray(0, 4))).toBe('80808002')
  })

  it('decodes what it encodes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('update' as const, 'get' as const, 'query' as const),
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ maxLength: 300 }),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        (type, k, value, ttl) => {
          const read = goMessage.decode(goMessage.encode({ type, key: k, value, ttl }))
          expect([read.type, toHex(read.key), toHex(read.value), read.ttl]).toEqual([type, toHex(k), toHex(value), ttl])
        },
      ),
    )
  })

  it('refuses to encode values out of range', () => {
    expect(() => goMessage.encode({ type: 'update', key, ttl: 2n ** 64n })).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_TTL' }),
    )
    expect(() => goMessage.encode({ type: 'update', key, ttl: -1n })).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_TTL' }),
    )
    expect(() => goMessage.encode({ type: 'delete' as 'get', key })).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_TYPE' }),
    )
  })
})

describe('messages from elsewhere', () => {
  it.each([
    ['fields in another order', '203c 1203323334'],
    ['unknown fields of every wire type', '1203323334 28 05 31 0102030405060708 3a 02 6869 45 01020304'],
    ['an over-long number', '0881 00 1203323334'],
    ['an explicit 0', '0800 1203323334'],
    ['64 unknown fields', `1203323334 ${'2801'.repeat(64)}`],
  ])('accepts %s', (_name, input) => {
    expect(code(input)).toBe('accepted')
    expect(toHex(goMessage.decode(hex(input)).key)).toBe('323334')
  })

  it.each([
    ['cut off inside a field', '1205 3233', 'PROTOCOL_PROTO'],
    ['cut off after a tag', '12', 'PROTOCOL_PROTO'],
    ['a TTL cut off', '1201 41 20 80 80 80', 'PROTOCOL_PROTO'],
    ['a TTL cut off, 0xff', '1201 41 20 ff ff ff', 'PROTOCOL_PROTO'],
    ['a TTL of 65 bits', '20 ffffffffffffffffff 02', 'PROTOCOL_PROTO'],
    ['a TTL of 11 bytes', '20 ffffffffffffffffff ff 01', 'PROTOCOL_PROTO'],
    ['a length that wraps to 1 in 32 bits', '12 81 80 80 80 10 41', 'PROTOCOL_PROTO'],
    ['a tag that wraps', '92 80 80 80 10 01 41', 'PROTOCOL_PROTO'],
    ['type 99', '08 63 1201 41', 'PROTOCOL_TYPE'],
    ['type -1', '08 ffffffffffffffffff01 1201 41', 'PROTOCOL_TYPE'],
    ['type 2^32 + 1', '08 8180808010 1201 41', 'PROTOCOL_PROTO'],
    ['field 0', '00 01', 'PROTOCOL_PROTO'],
    ['wire type 6', '2e 01', 'PROTOCOL_PROTO'],
    ['wire type 7', '2f 01', 'PROTOCOL_PROTO'],
    ['a group', '2b 2c', 'PROTOCOL_PROTO'],
    ['20,000 nested groups', '2b'.repeat(20_000), 'PROTOCOL_PROTO'],
    ['a key twice', '1201 41 1201 42', 'PROTOCOL_PROTO'],
    ['a type twice', '0801 0801', 'PROTOCOL_PROTO'],
    ['a TTL twice', '2001 2001', 'PROTOCOL_PROTO'],
    ['a key as a number', '10 01', 'PROTOCOL_PROTO'],
    ['a TTL as bytes', '22 01 41', 'PROTOCOL_PROTO'],
    ['65 unknown fields', `1201 41 ${'2801'.repeat(65)}`, 'PROTOCOL_NODES'],
    ['a million unknown fields', '2801'.repeat(1_000_000), 'PROTOCOL_NODES'],
  ])('refuses %s', (_name, input, wanted) => {
    expect(code(input)).toBe(wanted)
  })

  it('decodes an empty message as Go does; the server refuses it', () => {
    expect(goMessage.decode(new Uint8Array())).toEqual({
      type: 'update',
      key: new Uint8Array(),
      value: new Uint8Array(),
      ttl: 0n,
    })
  })

  it('decodes any bytes to a message or throws a typed error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (input) => {
        expect(code(Buffer.from(input).toString('hex'))).toMatch(/^(accepted|PROTOCOL_(PROTO|TYPE|NODES))$/)
      }),
      { numRuns: 2000 },
    )
  })
})
