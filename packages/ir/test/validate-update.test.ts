import { describe, expect, it } from '@jest/globals'
import { Dict, from, key, LIMITS, List, Predicate, size, type Node, type Path, type XrError } from '@sr/xr'
import { decode, encode } from '@sr/xr/dag-cbor'
import fc from 'fast-check'
import {
  validateDraft,
  validateUpdate,
  createDocument,
  type IrError,
  MAX_RETAIN_MS,
  remove,
  set,
  ttl,
  type Update,
  type ValidatedDraft,
  type ValidatedUpdate,
} from '../src/index.ts'
import { history, instants, latestExpiry } from './arbitrary.ts'
import { stateOf } from './replica.ts'
import { failureOf, runs } from './runs.ts'
import { LAWFUL, op, REFUSED_BODIES, REFUSED_TIMES } from './vectors/refused.ts'

const lawful = LAWFUL

function refusal(update: Update): { code: string; path?: Path } {
  try {
    validateUpdate(update)
  } catch (err) {
    const { code, path } = err as IrError
    return path === undefined ? { code } : { code, path }
  }
  throw new Error('expected an error')
}

describe('the fields of an update', () => {
  const wrong: Array<[string, Partial<Record<keyof Update, unknown>>, string]> = [
    ['a fraction as seq', { seq: 0.5 }, 'IR_STAMP'],
    ['a negative seq', { seq: -1 }, 'IR_STAMP'],
    ['a seq of 2^53', { seq: 2 ** 53 }, 'IR_STAMP'],
    ['NaN as seq', { seq: NaN }, 'IR_STAMP'],
    ['a bigint as seq', { seq: 1n }, 'IR_STAMP'],
    ['no hash', { hash: undefined }, 'IR_STAMP'],
    ['a short hash', { hash: 'ab' }, 'IR_STAMP'],
    ['a hash in capitals', { hash: 'AB'.repeat(32) }, 'IR_STAMP'],
    ['a hash with a newline behind', { hash: `${'ab'.repeat(32)}\n` }, 'IR_STAMP'],
    ['Infinity as expires', { expires: Infinity }, 'IR_EXPIRES'],
    ['a negative expires', { expires: -1 }, 'IR_EXPIRES'],
    ['a fraction as retain', { retain: 60_000.5 }, 'IR_RETAIN'],
    ...REFUSED_TIMES.map(([name, change, code]): [string, Partial<Update>, string] => [name, change, code]),
  ]
  it.each(wrong)('%s is refused', (_, change, code) => {
    expect(refusal({ ...lawful, ...change } as Update)).toEqual({ code })
  })

  it('the maximum retain is accepted', () => {
    expect(validateUpdate({ ...lawful, retain: 10_000 + MAX_RETAIN_MS }).latest).toBe(60_000)
  })
})

it('an expires after retain: message and details give the same numbers', () => {
  expect(() => validateUpdate({ ...lawful, expires: 60_000, retain: 59_999 })).toThrow(
    expect.objectContaining({
      code: 'IR_RETAIN',
      message: 'expected expires at or before retain 59999, got 60000',
      max: 59_999,
      got: 60_000,
    }),
  )
})

describe('what validateUpdate returns', () => {
  type Made = new (...args: unknown[]) => ValidatedUpdate
  const valid = validateUpdate({ ...lawful, body: from({ a: 1 }) })
  const draft = validateDraft({ ...lawful, body: from({ a: 1 }) })
  const bad = from({ a: new Predicate('$remvoe', []) })
  const unvalidated: Array<[string, () => unknown]> = [
    ['a copy', () => ({ ...valid, body: bad })],
    [
      'an object with its prototype',
      () => Object.assign(Object.create(Object.getPrototypeOf(valid)), valid, { body: bad }),
    ],
    ['an object that inherits from it', () => Object.create(valid, { body: { value: bad } })],
    ['what its constructor makes', () => new (valid.constructor as Made)(valid.hash, { ...valid, body: bad }, valid)],
    ['a draft', () => draft],
    ['a proxy', () => new Proxy(valid, {})],
  ]
  it.each(unvalidated)('apply refuses %s', (_, make) => {
    expect(() => createDocument().apply(make() as ValidatedUpdate)).toThrow(
      expect.objectContaining({ code: 'IR_UNVALIDATED' }),
    )
  })

  it('withHash of what the constructor of a draft makes is refused', () => {
    const forged = new (draft.constructor as Made)('', { ...draft, body: bad }, draft) as unknown as ValidatedDraft
    expect(() => forged.withHash(lawful.hash)).toThrow(expect.objectContaining({ code: 'IR_UNVALIDATED' }))
  })

  it('cannot be changed afterwards', () => {
    for (const value of [valid, draft]) {
      expect(() => Object.assign(value, { body: bad })).toThrow(TypeError)
    }
  })
})

describe('the body of an update', () => {
  const deep = (node: Node): Node => from({ a: { b: node } })
  const right: Array<[string, Node]> = [
    ['a Dict', from({ a: 1 })],
    ['$set of a Dict', set(from({ a: 1 }))],
    ['$remove', remove()],
    ['each operator as a Dict value', from({ a: set('x'), b: remove(), c: ttl('x', 5) })],
    [
      'an operator under a key that is no String',
      Dict.from([
        [1n, remove()],
        [true, ttl('x', 1)],
      ]),
    ],
    ['$ttl in $set', from({ a: set(ttl('x', 5)) })],
    ['$set in $set', from({ a: set(set('x')) })],
    ['$remove in $set', from({ a: set(remove()) })],
    ['operators in a Dict under $ttl', from({ a: ttl(from({ b: remove(), c: set('x'), d: ttl('x', 1) }), 5) })],
    ['operators in a List under $ttl', from({ a: ttl(List.of(remove('x'), ttl('y', 1), 'z'), 5) })],
    ['operators in a List under $set', from({ a: set(List.of(remove('x'), ttl('y', 1))) })],
    ['$remove of a member of any kind', from({ a: [remove(from({ b: 1 })), remove(List.of())] })],
    ['$ttl to the end of retain', from({ a: ttl('x', 50) })],
    ['a tag with $ not in front', from({ a: op('a$') })],
  ]
  it.each(right)('may be or hold %s', (_, body) => {
    expect(validateUpdate({ ...lawful, body }).latest).toBeGreaterThanOrEqual(60_000)
  })

  it.each(REFUSED_BODIES)('may not be or hold %s', (_, body, code, path) => {
    expect(refusal({ ...lawful, body })).toEqual({ code, path })
  })

  it('reports the limit and the value found', () => {
    expect(() => validateUpdate({ ...lawful, body: deep(ttl('x', 51)) })).toThrow(
      expect.objectContaining({ max: 60_000, got: 61_000 }),
    )
  })
})

describe('the figures of an update', () => {
  it('include the latest expiry, with every $ttl', () => {
    expect(
      failureOf(
        fc.property(history, (updates) => {
          for (const update of updates) expect(validateUpdate(update).latest).toBe(latestExpiry(update))
        }),
        runs(),
      ),
    ).toBeUndefined()
  })

  const counts: Array<[string, Node, number, boolean]> = [
    ['an empty Dict', from({}), 1, false],
    ['a leaf under a key', from({ a: 1 }), 3, false],
    ['a List and its members', from({ a: ['x', 'y'] }), 5, false],
    ['keys with parts', Dict.from([[List.of(1n), true]]), 4, false],
    ['a predicate and its arguments', from({ a: new Predicate('p', [1n], Dict.from([['x', 2n]])) }), 6, false],
    ['$remove', remove(), 1, true],
    ['$remove on two paths', from({ a: remove(), b: { c: remove() } }), 7, true],
    ['$remove in a List', from({ a: [remove('x')] }), 5, true],
    ['$remove beside a leaf', from({ a: remove(), b: 1 }), 5, false],
    ['$remove beside an empty Dict', from({ a: remove(), b: {} }), 5, false],
    ['$remove beside a member', from({ a: [remove('x'), 'y'] }), 6, false],
    ['$set', set(from({ a: 1 })), 4, false],
    ['$ttl', from({ a: ttl('x', 5) }), 5, false],
  ]
  it.each(counts)('counts %s', (_, body, nodes, removesOnly) => {
    const facts = validateUpdate({ ...lawful, body })
    expect([facts.nodes, facts.removesOnly]).toEqual([nodes, removesOnly])
  })
})

describe('an update that is refused', () => {
  it('leaves the document unchanged', () => {
    expect(
      failureOf(
        fc.property(
          history,
          fc.constantFrom(op('$add', 1n), op('$ttl', 'x', 0n), from({ b: [set('x')] })),
          (updates, bad) => {
            const document = createDocument()
            const times = instants(updates)
            for (const update of updates.slice(1)) document.apply(validateUpdate(update))
            const before = stateOf(document, times)
            const { body } = updates[0] as Update
            // the fault comes last, after a valid part
            const worse = Dict.from([...(body instanceof Dict ? body : []), ['zz', bad]])
            const refused = { ...(updates[0] as Update), body: worse }
            expect(() => validateUpdate(refused)).toThrow(expect.objectContaining({ name: 'IrError' }))
            expect(() => document.apply(refused as ValidatedUpdate)).toThrow(
              expect.objectContaining({ code: 'IR_UNVALIDATED' }),
            )
            expect(stateOf(document, times)).toEqual(before)
          },
        ),
        runs(0.5),
      ),
    ).toBeUndefined()
  })
})

describe('the limits of a body', () => {
  const nested = (levels: number, wrap: (inner: Node) => Node): Node => {
    let node: Node = 'leaf'
    for (let level = 0; level < levels; level++) node = wrap(node)
    return node
  }
  const inList = (inner: Node): Node => List.of(inner)
  const inDict = (inner: Node): Node => Dict.from([['a', inner]])
  const body = (value: Node, name: Node = 'k'): Dict => Dict.from([[name, value]])
  const ints = (count: number): Node => List.from(Array.from({ length: count }, (_, i) => BigInt(i)))
  const { depth, nodes, string, bytes, size: most } = LIMITS

  it.each<[string, Dict]>([
    ['64 levels', body(nested(depth - 1, inList))],
    ['10,000 nodes', body(ints(nodes - 3))],
    ['a String of 64 KiB', body('x'.repeat(string))],
    ['a key of 64 KiB', body(1n, 'x'.repeat(string))],
    ['a body of 256 KiB', body(new Uint8Array(most - 8))],
  ])('%s is accepted', (_, node) => {
    const { nodes: count, size: length } = validateUpdate({ ...lawful, body: node })
    expect(length).toBe(size(node))
    expect(count).toBeLessThanOrEqual(nodes)
    expect(decode(encode(node))).toEqual(node)
  })

  it.each<[string, Dict, string, number, number]>([
    ['65 Lists', body(nested(depth, inList)), 'depth', depth, depth + 1],
    ['65 Dicts', body(nested(depth, inDict)), 'depth', depth, depth + 1],
    ['65 predicates', body(nested(depth, (inner) => new Predicate('p', [inner]))), 'depth', depth, depth + 1],
    ['256 Lists', body(nested(255, inList)), 'depth', depth, depth + 1],
    ['65 levels within a key', body(1n, nested(depth, inList)), 'depth', depth, depth + 1],
    ['10,001 nodes', body(ints(nodes - 2)), 'nodes', nodes, nodes + 1],
    [
      '10,001 nodes in a flat Dict',
      Dict.from(Array.from({ length: nodes / 2 }, (_, i) => [`k${i}`, 1n])),
      'nodes',
      nodes,
      nodes + 1,
    ],
    ['a String above 64 KiB', body('x'.repeat(string + 1)), 'string', string, string + 1],
    ['a String above 64 KiB in UTF-8', body('\u20ac'.repeat(string / 3 + 1)), 'string', string, 65_538],
    ['a key above 64 KiB', body(1n, 'x'.repeat(string + 1)), 'string', string, string + 1],
    ['a tag above 64 KiB', body(new Predicate('x'.repeat(string + 1))), 'string', string, string + 1],
    ['Bytes above 256 KiB', body(new Uint8Array(bytes + 1)), 'size', most, most + 9],
    ['a body above 256 KiB', body(new Uint8Array(most - 7)), 'size', most, most + 1],
  ])('%s are refused with the limit', (_, node, limit, max, got) => {
    let refused: Partial<XrError> = {}
    try {
      validateUpdate({ ...lawful, body: node })
    } catch (err) {
      refused = err as XrError
    }
    expect(refused).toMatchObject({ code: `XR_${limit.toUpperCase()}`, limit, max, got })
    expect(refused.path?.length).toBeGreaterThan(0)
    expect(key(refused.path?.[0] as Node)).toBe(key([...node.keys()].at(-1) as Node))
    // the decoder of the same body gives the same answer
    expect(() => decode(encode(node))).toThrow(expect.objectContaining({ code: `XR_${limit.toUpperCase()}`, max }))
  })

  it('are counted as the decoder counts them', () => {
    expect(
      failureOf(
        fc.property(history, (updates) => {
          for (const update of updates) {
            const stats = validateUpdate(update)
            expect(stats.size).toBe(size(update.body))
            expect(() => decode(encode(update.body), { nodes: stats.nodes })).not.toThrow()
            expect(() => decode(encode(update.body), { nodes: stats.nodes - 1 })).toThrow(
              expect.objectContaining({ code: 'XR_NODES' }),
            )
          }
        }),
        runs(),
      ),
    ).toBeUndefined()
  })
})
