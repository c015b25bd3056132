import { describe, expect, it } from '@jest/globals'
import { Dict, isKind, type Node } from '@sr/xr'
import { canonical } from '@sr/xr/dag-cbor'
import fc from 'fast-check'
import {
  createDocument,
  leaves,
  orderOf,
  positionOf,
  validateUpdate,
  walk,
  type Route,
  type View,
  type ViewPart,
} from '../src/index.ts'
import { anyHistory, instants, KEYS } from './arbitrary.ts'
import { documentOf } from './replica.ts'
import { failureOf, runs } from './runs.ts'

const EVERYTHING: Route<undefined> = { children: (part, _, from) => part.children(from), enter: () => undefined }

/** All parts of a node in canonical order, as hex of their steps; with what shows there. */
function listed(node: Node | undefined, path: readonly string[] = []): Array<[string, Node]> {
  if (node === undefined) return []
  const inner: Array<[string, Node, boolean]> = isKind(node, 'dict')
    ? Array.from(node, ([name, value]) => [hex(name), value, true])
    : isKind(node, 'list')
      ? Array.from(node, (member) => [hex(member), member, false])
      : []
  const sorted = inner.sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    [path.join('/'), node],
    ...sorted.flatMap(([step, value, deep]) =>
      deep ? listed(value, [...path, step]) : [[[...path, step].join('/'), value] as [string, Node]],
    ),
  ]
}

const hex = (node: Node): string => Buffer.from(canonical(node)).toString('hex')
const walked = (view: View, after?: readonly string[]): Array<[string, Node]> => {
  const root = view.part()
  return root === undefined
    ? []
    : Array.from(walk(root, undefined, EVERYTHING, after), (visit) => [named(positionOf(visit)), visit.part.node])
}
const named = (position: readonly string[]): string =>
  position.map((step) => Buffer.from(step, 'latin1').toString('hex')).join('/')

describe('a walk over a view', () => {
  it('visits each part once, in canonical order, and goes on behind any position', () => {
    expect(
      failureOf(
        fc.property(anyHistory, fc.nat(), (updates, pick) => {
          const document = documentOf(updates)
          for (const now of instants(updates)) {
            const view = document.view(now)
            const all = listed(view.tree)
            expect(walked(view)).toEqual(all)
            const i = pick % Math.max(all.length, 1)
            const position = (all[i]?.[0] ?? '')
              .split('/')
              .filter((step) => step !== '')
              .map((step) => Buffer.from(step, 'hex').toString('latin1'))
            expect(walked(view, position)).toEqual(all.slice(i + 1))
          }
        }),
        runs(0.3),
      ),
    ).toBeUndefined()
  })

  it('knows when each part ends: at `next` something of it is gone, at `ends` all of it', () => {
    expect(
      failureOf(
        fc.property(anyHistory, (updates) => {
          const document = documentOf(updates)
          for (const now of instants(updates)) {
            for (const { part } of leavesOf(document.view(now))) {
              expect(part.next).toBeGreaterThan(now)
              expect(part.ends).toBeGreaterThanOrEqual(part.next)
            }
            const view = document.view(now)
            const root = view.part()
            expect(root?.next).toBe(view.until)
            const shows = [(root?.ends ?? 1) - 1, root?.ends ?? 0].map((at) => document.show(at) !== undefined)
            expect(root === undefined ? [true, false] : shows).toEqual([true, false])
          }
        }),
        runs(0.3),
      ),
    ).toBeUndefined()
  })

  it('visits empty containers as leaves', () => {
    expect(
      failureOf(
        fc.property(anyHistory, (updates) => {
          const document = documentOf(updates)
          for (const now of instants(updates)) {
            const view = document.view(now)
            const expected = listed(view.tree).filter(
              ([path], i, all) => !(all[i + 1]?.[0].startsWith(path === '' ? '' : `${path}/`) ?? false),
            )
            expect(Array.from(leavesOf(view), (visit) => named(positionOf(visit)))).toEqual(
              expected.map(([path]) => path),
            )
          }
        }),
        runs(0.3),
      ),
    ).toBeUndefined()
  })
})

describe('the order of a key', () => {
  it.each(KEYS.map((node) => [hex(node), node] as const))('is its canonical encoding: %s', (bytes, node) => {
    expect(Buffer.from(orderOf(node), 'latin1').toString('hex')).toBe(bytes)
  })

  it('is so for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (text) => {
        expect(Buffer.from(orderOf(text), 'latin1').toString('hex')).toBe(hex(text))
      }),
    )
  })
})

describe('the children of a Dict', () => {
  it.each([1, 400])('come in the order of their keys, whatever these are, with %i others', (others) => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: 'grapheme', maxLength: 30 }), { maxLength: 30 }), (texts) => {
        const names = new Set([...texts, ...Array.from({ length: others }, (_, n) => `${'ab'[n % 2]}${n}`)])
        const body = Dict.from(Array.from(names, (name) => [name, 1n]))
        const document = createDocument()
        document.apply(validateUpdate({ seq: 1000, hash: '01'.repeat(32), expires: 9000, retain: 9000, body }))
        const orders = Array.from(document.view(0).part()?.children() ?? [], ({ order }) => order)
        expect(orders).toEqual(Array.from(names, orderOf).sort())
      }),
    )
  })
})

function* leavesOf(view: View): IterableIterator<{ part: ViewPart; state: undefined; up: never }> {
  const root = view.part()
  if (root !== undefined) yield* leaves(root) as IterableIterator<never>
}
