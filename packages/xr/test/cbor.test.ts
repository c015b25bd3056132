import { readFileSync } from 'node:fs'
import * as stock from '@ipld/dag-cbor'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { decode as decodeNode, encode as encodeNode } from '../src/dag-cbor.ts'
import { CborReader, CborWriter, type CborValue, decode, encode } from '../src/cbor/index.ts'
import type { XrError } from '../src/model/errors.ts'
import { from, type Node } from '../src/index.ts'
import { hex, toHex } from './hex.ts'

interface Example {
  readonly name: string
  readonly hex: string
}
const examples = JSON.parse(
  readFileSync(new URL('../../../vectors/wire/1.0.0/smart-record-1.0.0.json', import.meta.url), 'utf8'),
) as { readonly messages: readonly Example[]; readonly signed: { readonly payload: string } }

/** What encoding makes of decoded bytes, in hex, or the name of the error. */
function rewritten(bytes: Uint8Array): string {
  try {
    return toHex(encode(decode(bytes, { depth: 64 })))
  } catch (err) {
    return (err as XrError).name
  }
}

const codeOf = (work: () => unknown): string => {
  try {
    work()
  } catch (err) {
    return (err as XrError).code
  }
  return 'accepted'
}

describe('messages of protocol 1.0.0', () => {
  it('include 36 examples', () => {
    expect(examples.messages.length).toBe(36)
  })

  it.each(examples.messages.map(({ name, hex: text }) => [name, text]))(
    '%s is decoded, and encoded to the same bytes',
    (_, text) => {
      const frame = hex(text)
      const head = frame.findIndex((byte) => byte < 0x80) + 1
      const message = frame.subarray(head)
      expect(encode(decode(message))).toEqual(message)
    },
  )
})

describe('a value', () => {
  it.each<[string, CborValue, string]>([
    ['0', 0, '00'],
    ['23', 23, '17'],
    ['24', 24, '1818'],
    ['256', 256, '190100'],
    ['65536', 65_536, '1a00010000'],
    ['2^32', 2 ** 32, '1b0000000100000000'],
    ['2^53 - 1', Number.MAX_SAFE_INTEGER, '1b001fffffffffffff'],
    ['-1', -1, '20'],
    ['-(2^53 - 1)', -Number.MAX_SAFE_INTEGER, '3b001ffffffffffffe'],
    ['null', null, 'f6'],
    ['true', true, 'f5'],
    ['bytes', Uint8Array.of(1, 2), '420102'],
    ['text', 'é', '62c3a9'],
    ['a list with equal items', [1, 1, null, null], '840101f6f6'],
    [
      'a map, shorter keys first',
      new Map([
        ['aa', 1],
        ['b', 2],
        ['a', 3],
      ]),
      'a36161036162026261610' + '1',
    ],
  ])('encodes and decodes %s', (_, value, text) => {
    expect(encode(value)).toEqual(hex(text))
    expect(decode(hex(text))).toEqual(value)
  })

  it.each<[string, string, string]>([
    ['a number in two bytes for one', '1817', 'XR_FORM'],
    ['a number in nine bytes for five', '1b00000000ffffffff', 'XR_FORM'],
    ['a length in two bytes for one', '580100', 'XR_FORM'],
    ['an indefinite list', '9f01ff', 'XR_FORM'],
    ['an indefinite text', '7f6161ff', 'XR_FORM'],
    ['a reserved head', '1c', 'XR_SYNTAX'],
    ['a break', 'ff', 'XR_FORM'],
    ['2^53', '1b0020000000000000', 'XR_INT'],
    ['-(2^53)', '3b001fffffffffffff', 'XR_INT'],
    ['a float', 'fb3ff0000000000000', 'XR_KIND'],
    ['a half float', 'f93c00', 'XR_FORM'],
    ['a tag', 'd82a4100', 'XR_KIND'],
    ['undefined', 'f7', 'XR_KIND'],
    ['a simple value of its own', 'e0', 'XR_KIND'],
    ['keys out of order', 'a2616201616102', 'XR_FORM'],
    ['a longer key first', 'a262616101616102', 'XR_FORM'],
    ['a key twice', 'a2616101616102', 'XR_DUPLICATE'],
    ['a key that is no text', 'a10102', 'XR_KIND'],
    ['bad UTF-8', '62c328', 'XR_VALUE'],
    ['nothing', '', 'XR_SYNTAX'],
    ['a cut off list', '8201', 'XR_SYNTAX'],
    ['a cut off string', '43aabb', 'XR_SYNTAX'],
    ['a list longer than the input', '9affffffff', 'XR_SYNTAX'],
    ['a map longer than the input', 'bb001fffffffffffff', 'XR_SYNTAX'],
    ['bytes behind', '0000', 'XR_SYNTAX'],
  ])('refuses %s', (_, text, code) => {
    expect(codeOf(() => decode(hex(text)))).toBe(code)
  })

  it.each<[string, () => unknown, string]>([
    ['a fraction', () => encode(0.5), 'XR_VALUE'],
    ['NaN', () => encode(Number.NaN), 'XR_VALUE'],
    ['2^53', () => encode(2 ** 53), 'XR_INT'],
    ['a lone surrogate', () => encode('\ud800'), 'XR_VALUE'],
  ])('refuses to encode %s', (_, work, code) => {
    expect(codeOf(work)).toBe(code)
  })
})

describe('limits', () => {
  const deep = (levels: number): Uint8Array => Uint8Array.from([...Array<number>(levels).fill(0x81), 0])
  const wide = (items: number): Uint8Array => encode(Array<number>(items).fill(0))

  it.each([
    ['8 levels', deep(8)],
    ['4,096 items', wide(4095)],
  ])('accept %s', (_, input) => {
    expect(encode(decode(input))).toEqual(input)
  })

  it.each<[string, Uint8Array, Partial<XrError>]>([
    ['9 levels', deep(9), { code: 'XR_DEPTH', limit: 'depth', max: 8, got: 9 }],
    ['4,097 items', wide(4096), { code: 'XR_NODES', limit: 'items', max: 4096, got: 4097 }],
  ])('refuse %s', (_, input, refusal) => {
    expect(() => decode(input)).toThrow(expect.objectContaining(refusal))
  })

  it('can be set by the caller', () => {
    expect(decode(wide(5000), { items: 10_000 })).toHaveLength(5000)
    expect(codeOf(() => decode(deep(2), { depth: 1 }))).toBe('XR_DEPTH')
  })
})

describe('a span', () => {
  it('is a nested item, neither decoded nor limited', () => {
    let body: Node = from({ f: 1.5, n: true })
    for (let level = 0; level < 60; level++) body = from([body, level])
    const inner = encodeNode(body)
    const bytes = new CborWriter().list(3).int(1).item(inner).int(2).take()
    const reader = new CborReader(bytes, { depth: 1, items: 4 })
    expect(reader.list()).toBe(3)
    expect(reader.int()).toBe(1)
    const span = reader.span()
    expect(span).toEqual(inner)
    expect(span.buffer).toBe(bytes.buffer)
    expect(decodeNode(span)).toEqual(body)
    expect(reader.int()).toBe(2)
    reader.end()
  })

  it.each([
    ['cut off', '8201'],
    ['longer than the input', '9a00ffffff00'],
    ['a tag without content', 'd82a'],
    ['a float cut off', 'fb3ff0'],
  ])('refuses %s', (_, text) => {
    expect(codeOf(() => new CborReader(hex(text)).span())).toBe('XR_SYNTAX')
  })

  it('of every item of the examples is the item', () => {
    const payload = hex(examples.signed.payload)
    const reader = new CborReader(payload)
    const items = Array.from({ length: reader.list() }, () => reader.span())
    reader.end()
    expect(items.length).toBe(7)
    expect(Buffer.concat([payload.subarray(0, 1), ...items])).toEqual(Buffer.from(payload))
  })
})

describe('stock dag-cbor', () => {
  const value: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.maxSafeInteger(),
      fc.string({ unit: 'grapheme' }).filter((text) => text.isWellFormed()),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array({ maxLength: 20 }),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.array(fc.tuple(fc.string(), tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
    ),
  })).value
  const plain = (value: CborValue): unknown =>
    value instanceof Map
      ? Object.fromEntries([...value].map(([name, inner]) => [name, plain(inner)]))
      : Array.isArray(value)
        ? value.map(plain)
        : value

  it('encodes the same bytes', () => {
    fc.assert(
      fc.property(value, (one) => {
        const bytes = encode(one)
        expect(bytes).toEqual(stock.encode(plain(one)))
        expect(decode(bytes, { depth: 64 })).toEqual(one)
      }),
    )
  })

  it('a changed byte is refused or decodes to another canonical value', () => {
    fc.assert(
      fc.property(value, fc.nat(), fc.nat(255), (one, place, byte) => {
        const bytes = encode(one)
        bytes[place % bytes.length] = byte
        expect([toHex(bytes), 'XrError']).toContain(rewritten(bytes))
      }),
      { numRuns: 1000 },
    )
  })
})
