import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { cutPieces, Dict, equal, isKind, joinPieces, type Node, size } from '../src/index.ts'
import { parse, print } from '../src/text/index.ts'
import { node } from '../../../tests/kit/src/nodes.ts'

/** Whether a piece has one leaf, with the keys above it, so that it cannot be cut. */
function isIndivisible(piece: Node): boolean {
  if (isKind(piece, 'dict')) {
    return piece.size === 0 || (piece.size === 1 && [...piece].every(([, value]) => isIndivisible(value)))
  }
  return !isKind(piece, 'list') || piece.size <= 1
}

describe('pieces that were cut', () => {
  it('join to the same node, and are no larger than asked for unless they cannot be cut', () => {
    fc.assert(
      fc.property(node, fc.integer({ min: 1, max: 200 }), (whole, max) => {
        const pieces = [...cutPieces(whole, max)]
        expect(equal(joinPieces(pieces) as Node, whole)).toBe(true)
        for (const piece of pieces) {
          expect(size(piece) <= max || isIndivisible(piece)).toBe(true)
        }
      }),
    )
  })

  it.each<[string, number, string[]]>([
    ['{a=1 b=2}', 100, ['{a=1 b=2}']],
    ['{a="xxxxxxxxxx" b="yyyyyyyyyy"}', 23, ['{a="xxxxxxxxxx"}', '{b="yyyyyyyyyy"}']],
    ['{a={b="xxxxxxxxxx" c="yyyyyyyyyy"}}', 29, ['{a={b="xxxxxxxxxx"}}', '{a={c="yyyyyyyyyy"}}']],
    ['["xxxxxxxxxx" "yyyyyyyyyy"]', 20, ['["xxxxxxxxxx"]', '["yyyyyyyyyy"]']],
    ['{}', 1, ['{}']],
  ])('%s in pieces of %i bytes', (text, max, pieces) => {
    expect([...cutPieces(parse(text), max)].map((piece) => print(piece))).toEqual(pieces)
  })

  it('are few: 10,000 entries in pieces of 64 KiB', () => {
    const whole = Dict.from(Array.from({ length: 10_000 }, (_, i) => [`key ${i}`, `value ${i}`] as const))
    expect([...cutPieces(whole, 65_536)]).toHaveLength(Math.ceil(size(whole) / 65_000))
  })
})
