import { describe, expect, it } from '@jest/globals'
import { Dict, from, print, type Node } from '@sr/xr'
import { createDocument, validateUpdate } from '../src/index.ts'
import { parse } from '@sr/xr/text'
import type { Document, Update } from '../src/index.ts'
import { documentOf } from './replica.ts'

/** Creates an update from a second, a digit of the hash, and the body as text. */
function said(second: number, body: string, { hash = second % 10, expires = 100, retain = 100 } = {}): Update {
  return {
    seq: second * 1_000_000,
    hash: String(hash).repeat(64),
    expires: expires * 1000,
    retain: retain * 1000,
    body: parse(body),
  }
}

const shown = (document: Document, second = 0): string => {
  const tree = document.show(second * 1000)
  return tree === undefined
    ? 'nothing'
    : print(Dict.from([...tree].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))))
}

const MEMBERS = [
  'seq',
  'retain',
  'slots',
  'updates',
  'apply',
  'show',
  'view',
  'toShow',
  'prune',
  'live',
  'next',
  'nextChange',
]

describe('createDocument', () => {
  it('returns an object with the members of Document only', () => {
    const document = documentOf([said(1, '{a={x=1} l=["m"]}')])
    const prototype: object = Object.getPrototypeOf(document)
    expect(Object.getPrototypeOf(prototype)).toBe(Object.prototype)
    expect(Reflect.ownKeys(document)).toEqual([])
    expect(Reflect.ownKeys(prototype).toSorted()).toEqual(['constructor', ...MEMBERS].toSorted())
  })
})

describe('apply', () => {
  const first = said(1, '{a=1 b=1}')

  it('reports a duplicate and changes nothing', () => {
    const document = documentOf([first])
    expect(document.apply(validateUpdate(first))).toEqual({
      duplicate: true,
      changed: false,
      forked: false,
      dropped: [],
    })
    expect(document.slots).toBe(3)
  })

  it('returns the updates that are no longer needed', () => {
    const document = documentOf([first])
    expect(document.apply(validateUpdate(said(2, '{a=2}')))).toEqual({
      duplicate: false,
      changed: true,
      forked: false,
      dropped: [],
    })
    expect(document.apply(validateUpdate(said(3, '{a=3 b=3}'))).dropped.toSorted()).toEqual([
      '1'.repeat(64),
      '2'.repeat(64),
    ])
    expect([...document.live()]).toEqual(['3'.repeat(64)])
  })

  it('returns the update itself when it is not needed', () => {
    const document = documentOf([said(2, '{a=2 b=2}')])
    expect(document.apply(validateUpdate(first))).toEqual({
      duplicate: false,
      changed: false,
      forked: false,
      dropped: ['1'.repeat(64)],
    })
    expect([document.updates, document.slots]).toEqual([1, 3])
  })

  it('reports a contradiction in either order of arrival, and applies both updates', () => {
    const one = said(1, '{a=1 b=1}', { hash: 1 })
    const other = said(1, '{a=2}', { hash: 2 })
    for (const [a, b] of [
      [one, other],
      [other, one],
    ] as const) {
      const document = documentOf([said(7, '{z=1}'), a])
      expect(document.apply(validateUpdate(a)).forked).toBe(false)
      expect(document.apply(validateUpdate(b)).forked).toBe(true)
      expect(document.apply(validateUpdate(a)).forked).toBe(true)
      expect(document.apply(validateUpdate(said(8, '{z=2}'))).forked).toBe(false)
      expect(shown(document)).toBe('{a=2 b=1 z=2}')
    }
  })

  it('reports a contradiction with an update that this one makes unneeded, and not with one that is not live', () => {
    const [a, b] = [said(1, '{x=1}'), { ...said(1, '{x=2}'), hash: 'f'.repeat(64) }]
    const document = documentOf([a])
    expect(document.apply(validateUpdate(b))).toMatchObject({ forked: true, dropped: [a.hash] })
    expect(document.apply(validateUpdate(b)).forked).toBe(false)
  })

  it('has the highest seq and the latest retain', () => {
    const document = documentOf([said(5, '{a=1}', { retain: 300 }), said(3, '{b=1}', { retain: 200 })])
    expect([document.seq, document.retain]).toEqual([5_000_000, 300_000])
    document.apply(validateUpdate(said(6, '$set({c=1})', { retain: 250 })))
    expect([document.seq, document.retain]).toEqual([6_000_000, 250_000])
  })
})

describe('prune', () => {
  it('drops a container past its retain when a late update removes its children', () => {
    const document = documentOf([
      said(1, '{q={p={x=1}}}', { retain: 400 }),
      // this assertion of q and p expires before their children
      said(9, '{q={p={}}}', { expires: 100, retain: 200 }),
    ])
    document.prune(200_000)
    expect(document.slots).toBe(4)
    // the stamp is before the later assertions of the containers and after x: x is removed, q and p stay
    document.apply(validateUpdate(said(5, '{q=$set({})}', { expires: 100, retain: 300 })))
    expect(document.slots).toBe(4)
    expect(document.prune(300_000).toSorted()).toEqual(['5'.repeat(64), '9'.repeat(64)])
    expect([document.slots, document.updates, document.next(0)]).toEqual([0, 0, undefined])
  })

  it.each([
    ['a Dict', '{d={y=$remove()}}', '{d={}}', '{d=["x"]}'],
    ['a List', '{d=[$remove("y")]}', '{d=[]}', '{d={x=1}}'],
  ])('drops %s past its retain when another kind replaces its children', (_, children, container, other) => {
    // the children have a later retain than the container
    const document = documentOf([
      said(1, children, { expires: 1, retain: 90 }),
      said(2, container, { expires: 3, retain: 3 }),
    ])
    document.prune(4000)
    expect(document.slots).toBe(3)
    document.apply(validateUpdate(said(5, other, { expires: 50, retain: 50 })))
    expect([document.slots, document.next(5000)]).toEqual([4, 5001])
    expect(document.prune(6000)).toEqual(['2'.repeat(64)])
    expect([document.slots, document.next(6000)]).toEqual([3, 50_000])
  })

  describe('by a clock that was ahead and is set back', () => {
    it('drops a container at its retain when it loses its last child earlier', () => {
      const document = documentOf([
        said(1, '{a=1}', { expires: 5, retain: 25 }),
        said(6, '{}', { expires: 15, retain: 15 }),
      ])
      document.prune(18_000) // from now on only the child keeps the container
      document.apply(validateUpdate(said(2, '{a=2}', { expires: 10, retain: 12 })))
      expect([document.prune(13_000), document.next(13_000)]).toEqual([['2'.repeat(64)], 15_000])
      expect([document.prune(15_000), document.slots]).toEqual([['6'.repeat(64)], 0])
    })

    it('drops two assertions at one path, each at its own retain', () => {
      const document = documentOf([
        said(0, '{d={y=$remove()}}', { expires: 1, retain: 90 }),
        said(1, '{d={}}', { expires: 1, retain: 20 }),
      ])
      document.prune(30_000)
      document.apply(validateUpdate(said(2, '{d=["z"]}', { expires: 10, retain: 17 })))
      document.apply(validateUpdate(said(3, '{d=[]}', { expires: 10, retain: 15 })))
      const slots = [16_000, 17_000, 20_000].map((now) => {
        document.prune(now)
        return document.slots
      })
      expect([slots, document.next(20_000)]).toEqual([[4, 2, 0], undefined])
    })
  })

  it('drops nothing when nothing ends', () => {
    const document = documentOf([said(1, '{a=1}')])
    expect([document.prune(99_999), document.next(0), document.next(100_000)]).toEqual([[], 100_000, undefined])
  })
})

describe('next', () => {
  it('excludes a value that a container replaced', () => {
    const document = documentOf([said(1, '{a=1}', { expires: 10 }), said(2, '{a={}}')])
    expect([...document.live()].length).toBe(2)
    expect(document.next(0)).toBe(100_000)
  })

  it('excludes the replaced expiry of containers stated again, and what has ended', () => {
    const document = documentOf([
      said(1, '{a={x=1} l=["m"]}', { expires: 10, retain: 40 }),
      said(2, '{a={y=1} l=["n"]}', { expires: 20, retain: 50 }),
    ])
    expect([
      document.next(0),
      document.next(10_000),
      document.next(20_000),
      document.next(40_000),
      document.next(50_000),
    ]).toEqual([10_000, 20_000, 40_000, 50_000, undefined])
    document.prune(20_000)
    expect(document.next(0)).toBe(40_000)
    document.prune(40_000)
    expect([document.next(0), document.updates]).toEqual([50_000, 1])
  })

  it('includes a retain that prune has processed, when the clock was set back and a later retain is shorter', () => {
    const document = createDocument()
    const apply = (n: number, seq: number, text: string, expires: number, retain: number): void => {
      document.apply(validateUpdate({ seq, hash: `${n}`.repeat(64), expires, retain, body: parse(text) }))
    }
    apply(1, 3_000_000, '{k=[]}', 3005, 7787)
    apply(2, 3_012_500, '{}', 3019, 5560)
    document.prune(6681)
    apply(3, 3_004_001, '{k=$remove()}', 3012, 3012)
    expect([document.next(3900), document.retain]).toEqual([5560, 5560])
  })
})

describe('show', () => {
  it('returns the same tree until something changes', () => {
    const document = documentOf([said(1, '{a={x=1} b={y=1}}'), said(2, '{b=$ttl({z=1}, 10)}')])
    const before = document.show(0) as Dict
    expect(document.show(11_999)).toBe(before)
    const later = document.show(12_000) as Dict
    expect(later).not.toBe(before)
    expect(later.get('a')).toBe(before.get('a'))
    expect(shown(document, 12)).toBe('{a={x=1} b={y=1}}')
  })

  it('orders members by the latest update that stated them, then by their index in it', () => {
    const list = (document: Document): Node => (document.show(0) as Dict).get('l') as Node
    const updates = [said(1, '{l=["a" "b" "c"]}'), said(2, '{l=["d" "b"]}'), said(3, '{l=["e" "a"]}')]
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ]) {
      expect(print(list(documentOf(order.map((i) => updates[i] as Update))))).toBe('["c" "d" "b" "e" "a"]')
    }
  })

  it('distinguishes keys of every kind', () => {
    const document = documentOf([said(1, '{1="int" 1.0="float" true="bool" "1"="string"}')])
    expect((document.show(0) as Dict).get(1n)).toBe('int')
    expect((document.show(0) as Dict).get(1)).toBe('float')
    expect(from({ n: (document.show(0) as Dict).size })).toEqual(from({ n: 4 }))
  })
})
