import { describe, expect, it } from '@jest/globals'
import { Random } from '@sr/tests-kit/random'
import { bool, bytes, dict, float, int, list, pred, str } from '../recordings/nodes.mjs'
import { message, parseMessage, TYPE } from '../frame.mjs'
import { RandomSpecs } from '../peers/random-specs.ts'
import { show } from '../peers/show.ts'
import { goJson } from '../peers/spec.ts'
import { Names } from '../peers/harness.ts'

describe('what the tables show', () => {
  it.each([
    [str('a"\u2028'), '"a\\"\\u{2028}"'],
    [int(2n ** 63n - 1n), '9223372036854775807'],
    [bytes('00ff'), '0x00ff'],
    [list(bool(true), list()), '[true []]'],
    [dict([str('x'), int(1)], [str('a b'), float(1.5)]), '{x=1 "a b"=1.5f}'],
    [pred('f', [int(1)], [[str('n'), str('x')]]), 'f(1, n="x")'],
  ])('%j', (spec, text) => {
    expect(show(goJson(spec))).toBe(text)
  })

  it('keeps the spelling of numbers, and leaves those in texts alone', () => {
    expect(show('{"Float_IPLD": 1.0}')).toBe('1.0f')
    expect(show('{"Float_IPLD": 1}')).toBe('1f')
    expect(show(goJson(str('"Int_IPLD": 12')))).toBe('"\\"Int_IPLD\\": 12"')
  })

  it('names peers, the longest text first', () => {
    const names = new Names([
      ['id', 'A'],
      ['/at/id', 'there'],
    ])
    expect(names.in('/at/id and id')).toBe('there and A')
  })
})

describe('messages by hand', () => {
  it('are read as they are written', () => {
    const fields = { type: TYPE.QUERY, key: Buffer.from('k'), value: Buffer.from('v'), ttl: 2n ** 64n - 1n }
    expect(parseMessage(message(fields))).toEqual(fields)
    expect(() => parseMessage(Buffer.from('120561', 'hex'))).toThrow(RangeError)
  })
})

describe('random documents', () => {
  const kinds = { wholeFloats: true, wideInts: true, printable: false }
  const some = (seed: number): string[] => {
    const random = new RandomSpecs(new Random(seed), kinds)
    return Array.from({ length: 300 }, () => JSON.stringify(random.node()))
  }

  it('are the same for a seed, and others for another', () => {
    expect(some(1)).toEqual(some(1))
    expect(some(1)).not.toEqual(some(2))
  })

  it('hold every kind', () => {
    const all = some(1).join()
    for (const kind of ['string', 'int', 'float', 'bool', 'bytes', 'list', 'dict', 'predicate']) {
      expect(all).toContain(`"${kind}":`)
    }
  })
})
