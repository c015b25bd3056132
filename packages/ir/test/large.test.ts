import { describe, expect, it } from '@jest/globals'
import { Dict, from, isKind, key, List, type Node } from '@sr/xr'
import fc from 'fast-check'
import { changes, createDocument, remove, set, ttl, type Change, type Update, validateUpdate } from '../src/index.ts'
import { interpret, showAt } from './oracle.ts'
import { bytesOf } from './replica.ts'
import { failureOf, runs } from './runs.ts'

/** More entries than a Dict has that is visited whole. */
const MANY = 300
const START_S = 1000

const name = fc.nat(MANY + 20).map((n) => `k${n}`)
const value: fc.Arbitrary<Node> = fc.oneof(
  fc.nat(3).map((n) => from(n)),
  fc.nat(30).map((seconds) => ttl('timed', seconds + 1)),
  fc.constant(remove()),
  fc.constant(from({ x: 1 })),
  fc.constant(from({ x: remove(), y: 2 })),
  fc.nat(20).map((seconds) => from({ z: ttl(1, seconds + 1) })),
  fc.constant(from(['m'])),
  fc.constant(set(from({ only: 1 }))),
)
const entries = fc.uniqueArray(fc.tuple(name, value), { maxLength: 6, selector: ([id]) => id })
const body: fc.Arbitrary<Node> = fc.oneof(
  { weight: 20, arbitrary: entries.map((all) => Dict.from([['big', Dict.from(all)]])) },
  { weight: 4, arbitrary: entries.map((all) => Dict.from([...all, ['other', 1n]])) },
  { weight: 1, arbitrary: fc.constant(from({ big: set(from({ a: 1 })) })) },
  { weight: 1, arbitrary: fc.constant(from({ big: ['list'] })) },
  { weight: 1, arbitrary: fc.constant(Dict.from([['big', Dict.from([[7n, 'a key that is no String']])]])) },
  { weight: 2, arbitrary: fc.constant(from({ big: {} })) },
)
type Step = { do: 'update'; body: Node; late: number; seconds: number } | { do: 'wait' | 'prune'; seconds: number }
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('update' as const),
      body,
      late: fc.nat(3),
      seconds: fc.integer({ min: 1, max: 40 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('wait' as const, 'prune' as const),
      seconds: fc.integer({ min: -2, max: 12 }),
    }),
  },
)

let hashes = 0
function update(body: Node, seconds: number, life: number): Update {
  const expires = (seconds + life) * 1000
  const hash = (++hashes).toString(16).padStart(64, '0')
  return { seq: seconds * 1_000_000 + (hashes % 1000), hash, expires, retain: 10_000_000, body }
}

function first(): Update {
  const big = Array.from({ length: MANY }, (_, n): [Node, Node] => [
    `k${n}`,
    n % 7 === 0 ? ttl(BigInt(n), 5 + (n % 50)) : BigInt(n),
  ])
  return update(Dict.from([['big', Dict.from(big)]]), START_S, 2000)
}

/** Applies a change to a copy of the earlier tree. */
function patch(tree: Node | undefined, change: Change, depth = 0): Node | undefined {
  const at = change.path[depth]
  if (at !== undefined) {
    const dict = tree !== undefined && isKind(tree, 'dict') ? tree : Dict.empty
    const inner = patch(dict.get(at), change, depth + 1)
    const others = [...dict].filter(([id]) => key(id) !== key(at))
    return Dict.from(inner === undefined ? others : [...others, [at, inner]])
  }
  if (change.member === undefined) return change.value
  const others = [...(tree as List)].filter((member) => key(member) !== key(change.member as Node))
  return List.from(change.value === undefined ? others : [...others, change.value])
}

describe('toShow', () => {
  it.each([
    ['a small document', from({ a: 1, b: { c: 2 } }), from({ a: 2 })],
    [
      'a large document',
      from(Object.fromEntries(Array.from({ length: MANY }, (_, n) => [`k${n}`, n]))),
      from({ k1: 'x' }),
    ],
  ])('of %s counts what a view visits: nothing once it is shown', (_, body, change) => {
    const document = createDocument()
    const now = START_S * 1000
    expect(document.toShow(now)).toBe(0)
    document.apply(validateUpdate(update(body, START_S, 10)))
    expect(document.toShow(now)).toBe(document.slots)
    document.show(now)
    document.view(now)
    expect(document.toShow(now)).toBe(0)
    document.apply(validateUpdate(update(change, START_S + 1, 20)))
    expect(document.toShow(now)).toBeGreaterThan(0)
    document.view(now)
    expect(document.toShow(now + 10_000)).toBeGreaterThan(0)
    expect(document.toShow(now - 1)).toBeGreaterThan(0)
  })
})

describe('a large Dict', () => {
  it('shows what the interpreter shows, and its changes turn the earlier tree into the later one', () => {
    expect(
      failureOf(
        fc.property(fc.array(step, { minLength: 1, maxLength: 14 }), (steps) => {
          const document = createDocument()
          const all = [first()]
          document.apply(validateUpdate(all[0] as Update))
          let now = START_S
          let pruned = now
          let before = document.view(now * 1000)
          for (const one of steps) {
            if (one.do === 'update') {
              const next = update(one.body, now - one.late, one.seconds)
              all.push(next)
              document.apply(validateUpdate(next))
            } else {
              // a document keeps no history: an instant before the last prune is not defined
              now = Math.max(pruned, now + one.seconds)
              if (one.do === 'prune') {
                document.prune(now * 1000)
                pruned = now
              }
            }
            const expected = showAt(interpret(all), now * 1000)
            expect(bytesOf(document.show(now * 1000))).toBe(bytesOf(expected))
            const after = document.view(now * 1000)
            const found = changes(before, after)
            const copy = found.reduce<Node | undefined>((tree, change) => patch(tree, change), before.tree)
            expect(copy === undefined ? 'nothing' : key(copy)).toBe(
              after.tree === undefined ? 'nothing' : key(after.tree),
            )
            before = after
          }
        }),
        runs(0.5),
      ),
    ).toBeUndefined()
  })

  it('has the same reads as any Dict, and an earlier one does not change', () => {
    const document = createDocument()
    document.apply(validateUpdate(first()))
    const now = START_S * 1000
    const before = document.show(now)?.get('big') as Dict
    document.apply(validateUpdate(update(from({ big: { k1: 'new', k2: remove(), more: 1 } }), START_S + 1, 2000)))
    const after = document.show(now)?.get('big') as Dict
    expect([before.size, before.get('k1'), before.get('k2'), before.has('more')]).toEqual([MANY, 1n, 2n, false])
    expect([after.size, after.get('k1'), after.get('k2'), after.has('more')]).toEqual([MANY, 'new', undefined, true])
    expect([...after.keys()].slice(0, 3)).toEqual(['k0', 'k1', 'k3'])
    expect([...after.values()].at(-1)).toBe(1n)
    expect([...after].length).toBe(MANY)
    const seen: string[] = []
    after.byKey().forEach((_, id) => seen.push(id))
    expect([seen.length, after.depth, after.plainKeys]).toEqual([MANY, 1, true])
  })

  it('shows many changes at once as it shows them one by one', () => {
    const id = fc.nat(3 * MANY).map((n) => `k${n}`)
    const change = fc.tuple(id, fc.option(fc.nat(9), { nil: undefined }))
    fc.assert(
      fc.property(fc.array(fc.array(change, { maxLength: 2 * MANY }), { maxLength: 4 }), (batches) => {
        const document = createDocument()
        document.apply(validateUpdate(first()))
        const expected = new Map(document.show(START_S * 1000)?.get('big') as Dict)
        batches.forEach((changes, n) => {
          const before = document.show(START_S * 1000)
          const text = before?.toString()
          const last = new Map(changes)
          const body = Dict.from(
            Array.from(last, ([name, value]) => [name, value === undefined ? remove() : from(value)]),
          )
          document.apply(validateUpdate(update(Dict.from([['big', body]]), START_S + 1 + n, 2000)))
          for (const [name, value] of last) {
            if (value === undefined) expected.delete(name)
            else expected.set(name, BigInt(value))
          }
          const shown = document.show(START_S * 1000)?.get('big') as Dict
          expect(new Map([...shown].toSorted())).toEqual(new Map([...expected].toSorted()))
          expect(shown.size).toBe(expected.size)
          expect(before?.toString()).toBe(text)
        })
      }),
      runs(0.05),
    )
  })

  it('does not keep what was written and pruned while it is not shown', () => {
    const document = createDocument()
    document.apply(validateUpdate(first()))
    document.show(START_S * 1000)
    const before = process.memoryUsage().heapUsed
    for (let n = 0; n < 50_000; n++) {
      const seconds = START_S + 1 + n
      const body = from({ big: { [`a key that is not used again ${n}`]: ttl(1, 1) } })
      document.apply(validateUpdate({ ...update(body, seconds, 2), retain: (seconds + 2) * 1000 }))
      document.prune(seconds * 1000)
    }
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(40_000_000)
    expect((document.show((START_S + 50_001) * 1000)?.get('big') as Dict | undefined)?.size ?? 0).toBeLessThan(MANY + 5)
  })

  it('is looked up without a visit of all entries, in every version', () => {
    const document = createDocument()
    document.apply(validateUpdate(first()))
    const now = START_S * 1000
    const versions: Dict[] = []
    for (let n = 0; n < 50; n++) {
      document.apply(validateUpdate(update(from({ big: { [`new${n}`]: n, k1: n } }), START_S + 1 + n, 2000)))
      versions.push(document.show(now)?.get('big') as Dict)
    }
    versions.forEach((version, n) => {
      expect([version.get('k1'), version.get(`new${n}`), version.get(`new${n + 1}`)]).toEqual([
        BigInt(n),
        BigInt(n),
        undefined,
      ])
    })
  })

  it('does not keep positions of entries that are gone', () => {
    const document = createDocument()
    document.apply(validateUpdate(first()))
    for (let n = 0; n < 3000; n++) {
      const seconds = START_S + 1 + n
      document.apply(
        validateUpdate({
          ...update(from({ big: { [`t${n}`]: ttl(1, 1) } }), seconds, 2),
          retain: (seconds + 2) * 1000,
        }),
      )
      document.prune(seconds * 1000)
      document.show(seconds * 1000)
    }
    const tree = document.show((START_S + 3001) * 1000)
    expect((tree?.get('big') as Dict | undefined)?.size ?? 0).toBeLessThan(MANY + 5)
  })
})
