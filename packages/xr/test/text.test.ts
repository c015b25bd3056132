import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { equal, from, print } from '../src/index.ts'
import * as dagCbor from '../src/dag-cbor.ts'
import { parse } from '../src/text/index.ts'
import { node } from '../../../tests/kit/src/nodes.ts'

describe('the text syntax', () => {
  it('parses what it prints, on one line and indented', () => {
    fc.assert(
      fc.property(node, (n) => {
        for (const text of [print(n), print(n, { indent: '\t' }), print(n, { indent: '  ', width: 40 })]) {
          const back = parse(text)
          expect(equal(back, n)).toBe(true)
          expect(print(back)).toBe(print(n))
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('counts nodes, depth and size as dag-cbor does', () => {
    fc.assert(
      fc.property(node, fc.nat(60), fc.nat(6), fc.nat(200), (n, nodes, depth, size) => {
        for (const limits of [
          { nodes },
          { depth },
          { size },
          { int: depth * 12 },
          { string: nodes },
          { bytes: depth },
        ]) {
          const bytes = dagCbor.encode(n)
          expect(codeOf(() => parse(print(n), limits))).toBe(codeOf(() => dagCbor.decode(bytes, limits)))
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('reads any JSON document without null', () => {
    const json = fc.letrec<{ v: unknown }>((tie) => ({
      v: fc.oneof(
        { depthSize: 'small' },
        fc.boolean(),
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true, noInteger: true }),
        fc.string({ unit: 'grapheme' }),
        fc.array(tie('v'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('v'), { maxKeys: 4 }),
      ),
    })).v
    fc.assert(
      fc.property(json, fc.constantFrom(undefined, 2, '\t'), (v, space) => {
        const text = JSON.stringify(v, undefined, space)
        expect(equal(parse(text), from(JSON.parse(text)))).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})

function codeOf(run: () => unknown): string {
  try {
    run()
    return 'accepted'
  } catch (err) {
    return (err as { code: string }).code
  }
}
