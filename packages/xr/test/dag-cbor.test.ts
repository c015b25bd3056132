import { describe, expect, it } from '@jest/globals'
import * as stock from '@ipld/dag-cbor'
import fc from 'fast-check'
import { equal, from, key, size } from '../src/index.ts'
import { canonical } from '../src/dag-cbor.ts'
import * as dagCbor from '../src/dag-cbor.ts'
import { node } from '../../../tests/kit/src/nodes.ts'

describe('natural dag-cbor', () => {
  it('decodes what it encodes to an equal node and the same bytes', () => {
    fc.assert(
      fc.property(node, (n) => {
        const bytes = dagCbor.encode(n)
        const back = dagCbor.decode(bytes)
        expect(equal(back, n)).toBe(true)
        expect(key(back)).toBe(key(n))
        expect(dagCbor.encode(back)).toEqual(bytes)
      }),
      { numRuns: 2000 },
    )
  })

  it('has the size that size() returns', () => {
    fc.assert(
      fc.property(node, (n) => {
        expect(dagCbor.encode(n).length).toBe(size(n))
      }),
      { numRuns: 2000 },
    )
  })

  it('has canonical bytes that are equal exactly when the nodes are', () => {
    fc.assert(
      fc.property(node, node, (a, b) => {
        expect(Buffer.compare(canonical(a), canonical(b)) === 0).toBe(equal(a, b))
        expect(key(a) === key(b)).toBe(equal(a, b))
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
        expect(stock.decode(dagCbor.encode(n))).toEqual(v)
        expect(dagCbor.encode(n)).toEqual(stock.encode(v))
      }),
      { numRuns: 1000 },
    )
  })
})
