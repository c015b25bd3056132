import { describe, expect, it } from '@jest/globals'
import type { Position, View } from '@sr/ir'
import { Dict, equal, from, joinPieces, List, size, type Node, type Path } from '@sr/xr'
import fc from 'fast-check'
import { atPath, cutDocument } from '../src/query/index.ts'
import { bodies, lasting, listed, nameOf, Writer } from './query-oracle.ts'
import { carried, counted, MOST_PAGES, RUNS, teller, told } from './query-pages.ts'

describe('the pieces of a document', () => {
  const paths = fc.constantFrom<Path>([], ['a'], ['a', 'b'], ['b'], ['c'])

  it('join to what shows, and each fits or is one leaf', () => {
    fc.assert(
      fc.property(
        bodies,
        paths,
        fc.integer({ min: 1, max: 600 }),
        fc.integer({ min: 1, max: 400 }),
        (said, at, maxBytes, budget) => {
          const view = told(said).view()
          const pieces = cutAll(() => view, at, maxBytes, budget)
          const whole = atPath(view, at)?.node
          expect(pieces.length === 0 ? whole === undefined : equal(joinPieces(pieces) as Node, whole as Node)).toBe(
            true,
          )
          for (const piece of pieces) {
            const count = listed(piece).filter(({ leaf }) => leaf).length
            expect(count === 1 || (size(piece) <= maxBytes && (count <= budget || equal(piece, whole as Node)))).toBe(
              true,
            )
          }
        },
      ),
      RUNS,
    )
  })

  it('have no room for the next leaf', () => {
    fc.assert(
      fc.property(bodies, fc.integer({ min: 1, max: 600 }), (said, maxBytes) => {
        const view = told(said).view()
        const pieces = cutAll(() => view, [], maxBytes, 1e6)
        pieces.slice(1).forEach((piece, i) => {
          const [next] = cutAllOf(piece)
          const grown = joinPieces([pieces[i] as Node, next as Node]) as Node
          expect(size(grown)).toBeGreaterThan(maxBytes)
        })
      }),
      RUNS,
    )
  })

  it('have each leaf that lasts through the whole read exactly once, while the writer writes', () => {
    fc.assert(
      fc.property(
        bodies,
        bodies,
        fc.array(fc.nat(2), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 300 }),
        (said, more, gaps, maxBytes) => {
          const { views, next } = teller(told(said), more, gaps)
          const pieces = cutAll(next, [], maxBytes, 1e6)
          const found = counted(
            pieces.flatMap((piece) =>
              listed(piece)
                .filter(({ leaf }) => leaf)
                .map((part) => nameOf(part, part.node)),
            ),
          )
          for (const part of lasting(views).filter(({ leaf }) => leaf)) {
            expect([nameOf(part, part.node), found.get(nameOf(part, part.node))]).toEqual([nameOf(part, part.node), 1])
          }
        },
      ),
      RUNS,
    )
  })

  it('do not exist where nothing shows, and are the leaf where a leaf shows', () => {
    const view = told([from({ a: 'x'.repeat(100) })]).view()
    expect(cutDocument(view, { at: ['b'] })).toBeUndefined()
    expect(cutDocument(new Writer().view())).toBeUndefined()
    expect(cutDocument(view, { at: ['a'], maxBytes: 1 })?.node).toBe('x'.repeat(100))
    expect(cutDocument(view, { at: ['a'], after: [] })?.node).toBeUndefined()
  })

  function cutAll(between: () => View, at: Path, maxBytes: number, budget: number): Node[] {
    const pieces: Node[] = []
    let pages = 0
    let after: Position | undefined
    do {
      const piece = cutDocument(between(), { at, maxBytes, budget, after })
      if (piece?.node !== undefined) pieces.push(piece.node)
      if (++pages > MOST_PAGES) throw new Error('the pages do not end')
      after = piece?.after === undefined ? undefined : carried({ position: piece.after }).position
    } while (after !== undefined)
    return pieces
  }

  /** A document leaf by leaf. */
  function cutAllOf(node: Node): Node[] {
    return listed(node)
      .filter(({ leaf }) => leaf)
      .map(({ path, member, node: leaf }) =>
        path.reduceRight<Node>(
          (inner, name) => Dict.from([[name, inner]]),
          member === undefined ? leaf : List.of(member),
        ),
      )
  }
})
