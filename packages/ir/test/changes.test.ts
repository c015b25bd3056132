import { describe, expect, it } from '@jest/globals'
import { Dict, from, isKind, key, List, print, type Node } from '@sr/xr'
import fc from 'fast-check'
import { changes, createDocument, remove, set, ttl, type Change, type Update, validateUpdate } from '../src/index.ts'
import { history, instants } from './arbitrary.ts'
import { bytesOf } from './replica.ts'
import { failureOf, runs } from './runs.ts'

/** Applies a change to a copy of the earlier tree. */
function patch(tree: Node | undefined, change: Change, depth = 0): Node | undefined {
  const step = change.path[depth]
  if (step !== undefined) {
    const dict = tree as Dict
    const inner = patch(dict.get(step), change, depth + 1)
    const others = [...dict].filter(([name]) => key(name) !== key(step))
    return Dict.from(inner === undefined ? others : [...others, [step, inner]])
  }
  if (change.member === undefined) {
    return change.value
  }
  const others = [...(tree as List)].filter((member) => key(member) !== key(change.member as Node))
  return List.from(change.value === undefined ? others : [...others, change.value])
}

/** As a set: the order of members is not part of a change. */
function sorted(node: Node | undefined): string {
  return node === undefined ? 'nothing' : key(node)
}

const life = { expires: 9000, retain: 9000 }
const update = (n: number, body: Node, change: Partial<Update> = {}): Update => ({
  seq: n * 1000,
  hash: `${n}`.padStart(64, '0'),
  ...life,
  body,
  ...change,
})

function told(first: Update[], then: Update[], from = 0, to = from): string[] {
  const document = createDocument()
  for (const one of first) document.apply(validateUpdate(one))
  const before = document.view(from)
  for (const one of then) document.apply(validateUpdate(one))
  return changes(before, document.view(to)).map(
    ({ kind, path, member, value, expires }) =>
      `${kind} ${path.map((step) => print(step)).join('/')}${member === undefined ? '' : ` member ${print(member)}`}${value === undefined ? '' : ` = ${print(value)}`} until ${expires}`,
  )
}

describe('changes', () => {
  it('turn the earlier tree into the later one', () => {
    expect(
      failureOf(
        fc.property(
          history,
          fc.array(fc.record({ upTo: fc.nat(9), wait: fc.nat(4), prune: fc.boolean() }), { maxLength: 6 }),
          (updates, rounds) => {
            const document = createDocument()
            let copy: Node | undefined
            let before = document.view(0)
            let now = 0
            for (const { upTo, wait, prune } of rounds) {
              now += wait * 1000
              if (prune) document.prune(now)
              for (const one of updates.slice(0, upTo)) document.apply(validateUpdate(one))
              const after = document.view(now)
              const found = changes(before, after)
              copy = found.reduce((tree, change) => patch(tree, change), copy)
              expect(sorted(copy)).toBe(sorted(after.tree))
              // a change differs from the earlier tree
              expect(changes(after, document.view(now))).toEqual([])
              const told = found.filter(({ kind }) => kind !== 'renewed')
              const lastGone = found.findLastIndex(({ value }) => value === undefined)
              expect(found.slice(0, lastGone + 1).every(({ value }) => value === undefined)).toBe(true)
              expect(told.length > 0).toBe(sorted(before.tree) !== sorted(after.tree))
              before = after
            }
          },
        ),
        runs(),
      ),
    ).toBeUndefined()
  })

  it('compare views that have the tree of their instant and its next change', () => {
    expect(
      failureOf(
        fc.property(history, (updates) => {
          const document = createDocument()
          for (const one of updates) document.apply(validateUpdate(one))
          const times = instants(updates)
          for (const now of times) {
            const view = document.view(now)
            expect([view.at, bytesOf(view.tree)]).toEqual([now, bytesOf(document.show(now))])
            const until = view.until ?? Infinity
            for (const t of times.filter((t) => t > now && t < until))
              expect(bytesOf(document.show(t))).toBe(bytesOf(view.tree))
            expect(until === Infinity || sorted(document.show(until)) !== sorted(view.tree)).toBe(true)
          }
        }),
        runs(0.3),
      ),
    ).toBeUndefined()
  })

  const before = update(1, from({ a: { x: 1, y: 2 }, peers: ['ann', 'bob'], nick: 'old' }))
  const cases: Array<[string, Update[], string[]]> = [
    ['a new path', [update(2, from({ b: 1 }))], ['set "b" = 1 until 9000']],
    ['a new value', [update(2, from({ a: { x: 7 } }))], ['set "a"/"x" = 7 until 9000']],
    [
      'a value stated again',
      [update(2, from({ nick: 'old' }), { expires: 5000 })],
      ['renewed "nick" = "old" until 5000'],
    ],
    ['a removal', [update(2, from({ nick: remove() }))], ['removed "nick" until 9000']],
    ['the removal of a container, as one', [update(2, from({ a: remove() }))], ['removed "a" until 9000']],
    [
      'a container that replaces a leaf, as one',
      [update(2, from({ nick: { first: 'b' } }))],
      ['set "nick" = {first="b"} until 9000'],
    ],
    ['a leaf that replaces a container', [update(2, from({ a: 'b' }))], ['set "a" = "b" until 9000']],
    [
      'the entries that $set removes and adds',
      [update(2, from({ a: set(from({ y: 2, z: 3 })) }))],
      ['removed "a"/"x" until 9000', 'renewed "a"/"y" = 2 until 9000', 'set "a"/"z" = 3 until 9000'],
    ],
    [
      'removals before additions, wherever they are',
      [update(2, from({ a: { z: 3 }, nick: remove(), peers: [remove('ann')] }))],
      ['removed "nick" until 9000', 'removed "peers" member "ann" until 9000', 'set "a"/"z" = 3 until 9000'],
    ],
    [
      'members that are added, removed and stated again',
      [update(2, from({ peers: [remove('ann'), 'bob', 'cid'] }))],
      [
        'removed "peers" member "ann" until 9000',
        'renewed "peers" member "bob" = "bob" until 9000',
        'set "peers" member "cid" = "cid" until 9000',
      ],
    ],
    ['the end of the whole document', [update(2, remove())], ['removed  until 9000']],
    ['nothing that comes and goes in between', [update(2, from({ b: 1 })), update(3, from({ b: remove() }))], []],
  ]
  it.each(cases)('report %s', (_, then, expected) => {
    expect(told([before], then)).toEqual(expected)
  })

  it('report the first tree as one change', () => {
    expect(told([], [update(1, from({ a: 1 }))])).toEqual(['set  = {a=1} until 9000'])
  })

  it('distinguish an expiry from a removal', () => {
    const short = update(2, from({ a: ttl(from({ z: 1 }), 1), peers: [ttl('cid', 1)] }))
    expect(told([before, short], [], 0, 1002)).toEqual([
      'expired "a"/"z" until 1002',
      'expired "peers" member "cid" until 1002',
    ])
    expect(told([before, short], [update(3, from({ a: { z: remove() } }))], 0, 500)).toEqual([
      'removed "a"/"z" until 1002',
    ])
    expect(told([before], [], 0, 9000)).toEqual(['expired  until 9000'])
  })

  it('report the renewal of an empty container, not of a container with children', () => {
    expect(
      told(
        [update(1, from({ a: {}, b: [], c: { x: 1 } }))],
        [update(2, from({ a: {}, b: [], c: {} }), { expires: 5000 })],
      ),
    ).toEqual(['renewed "a" = {} until 5000', 'renewed "b" = [] until 5000'])
  })

  it('do not visit unaffected subtrees', () => {
    const document = createDocument()
    document.apply(validateUpdate(update(1, from({ a: { x: 1 }, b: { y: 1 } }))))
    const first = document.view(0)
    document.apply(validateUpdate(update(2, from({ a: { x: 2 } }))))
    const second = document.view(0)
    expect(second.tree?.get('b')).toBe(first.tree?.get('b'))
    expect(isKind(second.tree?.get('a'), 'dict')).toBe(true)
    expect(document.show(0)).toBe(second.tree)
  })
})
