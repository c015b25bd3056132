import { describe, expect, it } from '@jest/globals'
import * as stock from '@ipld/dag-json'
import fc from 'fast-check'
import { equal, from, key } from '../src/index.ts'
import * as dagCbor from '../src/dag-cbor.ts'
import * as dagJson from '../src/dag-json.ts'
import { node } from '../../../tests/kit/src/nodes.ts'

describe('natural dag-json', () => {
  it('decodes what it encodes to an equal node and the same bytes', () => {
    fc.assert(
      fc.property(node, (n) => {
        const bytes = dagJson.encode(n)
        const back = dagJson.decode(bytes)
        expect(equal(back, n)).toBe(true)
        expect(key(back)).toBe(key(n))
        expect(dagJson.encode(back)).toEqual(bytes)
      }),
      { numRuns: 2000 },
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
          expect(codeOf(() => dagJson.decode(dagJson.encode(n), limits))).toBe(
            codeOf(() => dagCbor.decode(dagCbor.encode(n), limits)),
          )
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('is decoded to the same value by the stock codec where all kinds are natural', () => {
    const plain = fc.letrec<{ v: unknown }>((tie) => ({
      v: fc.oneof(
        { depthSize: 'small' },
        fc.boolean(),
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true, noInteger: true }),
        fc.string(),
        fc.uint8Array({ maxLength: 9 }),
        fc.uniqueArray(fc.oneof(fc.integer(), fc.string()), { maxLength: 5 }),
        fc.dictionary(
          fc.string().filter((s) => s !== '/' && s !== '__proto__'),
          tie('v'),
          { noNullPrototype: true },
        ),
      ),
    })).v
    fc.assert(
      fc.property(plain, (v) => {
        const n = from(v as never)
        expect(stock.decode(dagJson.encode(n))).toEqual(v)
      }),
      { numRuns: 1000 },
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
