import { describe, expect, it } from '@jest/globals'
import { Dict, from, List, Predicate, type Node } from '@sr/xr'
import { ANY, DEEP, parseSelector, type Selector, type SelectorStep } from '@sr/xr/selector'
import fc from 'fast-check'
import { atPath, cutDocument, selectRows } from '../src/query/index.ts'
import { bodies, lasting, listed, matches, nameOf, selectors } from './query-oracle.ts'
import { counted, joined, limits, named, readRows, RUNS, teller, told } from './query-pages.ts'

describe('the rows of a query', () => {
  it('are those of the oracle, in its order, on one page or on many', () => {
    fc.assert(
      fc.property(bodies, selectors, limits, (said, selector, bounds) => {
        const view = told(said).view()
        const expected = listed(view.tree)
          .filter((part) => matches(selector, part))
          .map((part) => nameOf(part, part.node))
        const whole = selectRows(view, selector, { maxRows: 1e6, maxBytes: 1e9 })
        expect(whole.rows.map(named)).toEqual(expected)
        expect(whole.after).toBeUndefined()
        const pages = readRows(() => view, selector, bounds)
        expect(joined(pages.flatMap(({ rows }) => rows)).map(named)).toEqual(expected)
        for (const page of pages) {
          expect(page.steps).toBeLessThanOrEqual(bounds.budget)
          expect(page.rows.length).toBeLessThanOrEqual(bounds.maxRows)
          expect(page.rows.length <= 1 || page.bytes <= bounds.maxBytes).toBe(true)
        }
      }),
      RUNS,
    )
  })

  it('come exactly once if they last through the whole read, while the writer writes', () => {
    fc.assert(
      fc.property(
        bodies,
        bodies,
        fc.array(fc.nat(2), { minLength: 1, maxLength: 5 }),
        selectors,
        limits,
        (said, more, gaps, selector, bounds) => {
          const { views, next } = teller(told(said), more, gaps)
          const rows = counted(joined(readRows(next, selector, bounds).flatMap((page) => page.rows)).map(named))
          for (const part of lasting(views).filter((part) => matches(selector, part))) {
            expect([nameOf(part, part.node), rows.get(nameOf(part, part.node))]).toEqual([nameOf(part, part.node), 1])
          }
        },
      ),
      RUNS,
    )
  })

  it.each<[string, string[] | undefined, string[]]>([
    ['peers/*/nick', undefined, ['peers/ann/nick "ann"', 'peers/bob/nick "bob"']],
    ['peers/*', undefined, ['peers/ann {nick="ann"}', 'peers/bob {nick="bob" at=[dial("x") "y"]}']],
    ['**/at/*', undefined, ['peers/bob/at [] "y"', 'peers/bob/at [] dial("x")']],
    ['**', ['dial', 'none'], ['top dial("z")', 'peers/bob/at [] dial("x")']],
    ['**/nick', undefined, ['peers/ann/nick "ann"', 'peers/bob/nick "bob"']],
    ['top/*', undefined, []],
    ['peers/bob/at/"y"', undefined, []],
    ['1', undefined, ['1 "one"']],
    ['1.0', undefined, []],
  ])('%s with tags %j', (text, tags, expected) => {
    const dial = (what: string): Node => new Predicate('dial', [what])
    const view = told([
      Dict.from([
        [
          'peers',
          Dict.from([
            ['ann', from({ nick: 'ann' })],
            [
              'bob',
              Dict.from([
                ['nick', 'bob'],
                ['at', List.of(dial('x'), 'y')],
              ]),
            ],
          ]),
        ],
        ['top', dial('z')],
        [1n, 'one'],
      ]),
    ]).view()
    const { rows } = selectRows(view, parseSelector(text), { tags })
    expect(
      rows.map(
        ({ path, node, isMember }) =>
          `${path.join('/')} ${isMember ? '[] ' : ''}${typeof node === 'object' ? String(node) : JSON.stringify(node)}`,
      ),
    ).toEqual(expected)
  })

  it('tell when they end', () => {
    const ttl = (value: Node, s: bigint): Node => new Predicate('$ttl', [value, s])
    const view = told([
      Dict.from([
        ['a', ttl('x', 5n)],
        ['l', List.of('m', ttl('n', 7n))],
      ]),
    ]).view()
    const rows = selectRows(view, [DEEP]).rows.map(({ node, expires }) => [node, expires])
    expect(rows).toEqual([
      ['x', 6000],
      ['m', 1e6],
      ['n', 8000],
    ])
    expect(selectRows(view, ['l']).rows[0]?.expires).toBe(1e6)
    expect(atPath(view, ['l'])).toMatchObject({ next: 8000, ends: 1e6 })
    expect(atPath(view, ['l', 'm'])).toBeUndefined()
    expect(cutDocument(view, { at: ['a'] })).toMatchObject({ node: 'x', after: undefined, next: 6000, ends: 6000 })
  })

  it('cost the same however many DEEP steps there are', () => {
    const letters = (depth: number): Node =>
      depth === 0
        ? 1n
        : Dict.from([
            ['a', letters(depth - 1)],
            ['b', letters(depth - 1)],
          ])
    const view = told([letters(11)]).view()
    const parts = 2 ** 12 - 1
    const selector: Selector = Array.from({ length: 32 }, (): Selector => [DEEP, 'a']).flat()
    expect(selectRows(view, selector)).toMatchObject({ rows: [], steps: parts, after: undefined })
    const wild: Selector = [DEEP, 'a', ...Array.from({ length: 62 }, (): SelectorStep => ANY)]
    expect(selectRows(view, wild)).toMatchObject({ rows: [], steps: parts })
  })

  it('visit only named keys where no step is a wildcard', () => {
    const view = told([Dict.from([['big', Dict.from(Array.from({ length: 1000 }, (_, i) => [`k${i}`, 1n]))]])]).view()
    expect(selectRows(view, ['big', 'k500']).steps).toBe(3)
  })

  it('are refused for more than 64 steps', () => {
    expect(() =>
      selectRows(
        told([from({})]).view(),
        Array.from({ length: 65 }, () => ANY),
      ),
    ).toThrow(expect.objectContaining({ code: 'VM_DEPTH', limit: 'steps', max: 64, got: 65 }))
  })
})
