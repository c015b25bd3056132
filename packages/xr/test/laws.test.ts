import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  Dict,
  equal,
  from,
  get,
  isKind,
  key,
  kindOf,
  LIMITS,
  limitsOf,
  List,
  MAX_DEPTH,
  MAX_INT_BITS,
  type Node,
  type Plain,
  toPlain,
} from '../src/index.ts'
import * as dagCbor from '../src/dag-cbor.ts'
import * as dagJson from '../src/dag-json.ts'
import { nodeOf, values } from '../src/conformance/index.ts'
import { parse, print } from '../src/text/index.ts'
import { node } from '../../../tests/kit/src/nodes.ts'
import { utf8 } from './hex.ts'

const RUNS = 1000

describe('from and toPlain', () => {
  it('convert any node there and back', () => {
    fc.assert(
      fc.property(node, (n) => {
        const back = from(toPlain(n) as Plain)
        expect(equal(back, n)).toBe(true)
        expect(kindOf(back)).toBe(kindOf(n))
      }),
      { numRuns: RUNS },
    )
  })

  it('return a node unchanged, except a single number, which from converts', () => {
    fc.assert(
      fc.property(
        node.filter((n) => typeof n !== 'number'),
        (n) => {
          expect(equal(from(n), n)).toBe(true)
        },
      ),
      { numRuns: RUNS },
    )
  })
})

describe('equal, key and canonical', () => {
  it('agree on any two nodes, whichever codec decoded them', () => {
    fc.assert(
      fc.property(node, node, (a, b) => {
        const alike = equal(a, b)
        expect(equal(b, a)).toBe(alike)
        expect(key(a) === key(b)).toBe(alike)
        expect(Buffer.compare(dagCbor.canonical(a), dagCbor.canonical(b)) === 0).toBe(alike)
      }),
      { numRuns: RUNS },
    )
  })

  it('ignore the order of Lists and Dicts', () => {
    fc.assert(
      fc.property(node, (n) => {
        const turned = reversed(n)
        expect(equal(turned, n)).toBe(true)
        expect(key(turned)).toBe(key(n))
        expect(Buffer.compare(dagCbor.canonical(turned), dagCbor.canonical(n))).toBe(0)
      }),
      { numRuns: RUNS },
    )
  })
})

describe('get', () => {
  it('finds every member of any node, and only those', () => {
    fc.assert(
      fc.property(node, (n) => {
        for (const [path, value] of below(n)) {
          expect(get(n, ...path)).toBe(value)
        }
        expect(get(n)).toBe(n)
      }),
      { numRuns: RUNS },
    )
  })
})

describe('names of Object.prototype', () => {
  it('are ordinary keys', () => {
    const before = Object.getOwnPropertyNames(Object.prototype).sort()
    const names = [...before, '__proto__', 'constructor', 'prototype', 'then', 'toJSON']
    const dict = Dict.from([...new Set(names)].map((name, i) => [name, BigInt(i)] as const))
    for (const back of [
      dagCbor.decode(dagCbor.encode(dict)),
      dagJson.decode(dagJson.encode(dict)),
      parse(print(dict)),
      from(toPlain(dict) as Plain),
    ]) {
      expect(equal(back, dict)).toBe(true)
      expect(get(back, '__proto__')).toBe(dict.get('__proto__'))
    }
    const plain = toPlain(from(JSON.parse('{"__proto__": {"polluted": true}}') as Plain))
    expect(Object.getPrototypeOf(plain)).toBe(Object.prototype)
    expect(Object.hasOwn(plain as object, '__proto__')).toBe(true)
    expect(get(dict, 'valueOf', 'call')).toBeUndefined()
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(before)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})

describe('limits', () => {
  it('are complete, and defaults fill in missing ones', () => {
    expect(limitsOf()).toEqual(LIMITS)
    expect(limitsOf({ nodes: 5 })).toEqual({ ...LIMITS, nodes: 5 })
    expect(Object.isFrozen(LIMITS)).toBe(true)
  })

  it.each([
    [{ depth: MAX_DEPTH + 1 }],
    [{ depth: Infinity }],
    [{ int: MAX_INT_BITS + 1 }],
    [{ nodes: -1 }],
    [{ nodes: Number.NaN }],
    [{ size: '1' as never }],
    [{ size: null as never }],
  ])('are refused: %j', (limits) => {
    for (const run of [
      () => dagCbor.decode(Uint8Array.of(1), limits),
      () => dagJson.decode(utf8('1'), limits),
      () => parse('1', limits),
    ]) {
      expect(nameOf(run)).toBe('RangeError')
    }
  })

  it.each([
    [{ depth: MAX_DEPTH }],
    [{ nodes: Infinity }],
    [{ size: Infinity }],
    [{ string: Infinity, bytes: Infinity }],
    [{ int: 0 }],
    [{}],
  ])('are accepted: %j', (limits) => {
    expect(parse('"a"', limits)).toBe('a')
    expect(dagCbor.decode(Uint8Array.of(0x61, 0x61), limits)).toBe('a')
    expect(dagJson.decode(utf8('"a"'), limits)).toBe('a')
  })

  // the smallest limits a value passes are its measures, and one less of any refuses it with that limit's name
  it.each(values.map((vector) => [vector.name, vector] as const))('are named in the error: %s', (_, vector) => {
    const { nodes, depth, size } = vector
    const bytes = dagCbor.encode(nodeOf(vector.spec))
    expect(errorOf(() => dagCbor.decode(bytes, { nodes: nodes - 1 }))).toMatchObject({
      code: 'XR_NODES',
      limit: 'nodes',
      max: nodes - 1,
      got: nodes,
    })
    expect(errorOf(() => dagCbor.decode(bytes, { size: size - 1 }))).toMatchObject({
      code: 'XR_SIZE',
      limit: 'size',
      max: size - 1,
      got: size,
    })
    expect(depth === 0 || errorOf(() => dagCbor.decode(bytes, { depth: depth - 1 }))?.limit === 'depth').toBe(true)
  })
})

/** The same node with its Lists and Dicts the other way round. */
function reversed(n: Node): Node {
  if (isKind(n, 'list')) return List.from([...n].reverse().map(reversed))
  if (isKind(n, 'dict'))
    return Dict.from([...n].reverse().map(([name, value]) => [reversed(name), reversed(value)] as const))
  return n
}

/** Every member directly inside a node, with the way to it. */
function below(n: Node): Array<[Node[], Node]> {
  if (isKind(n, 'list')) return [...n].map((member, i) => [[BigInt(i)], member])
  if (isKind(n, 'dict')) return [...n].map(([name, value]) => [[name], value])
  if (isKind(n, 'predicate')) return n.positional.map((argument, i) => [[BigInt(i)], argument])
  return []
}

function errorOf(run: () => unknown): { code?: string; limit?: string; max?: number; got?: number } | undefined {
  try {
    run()
    return undefined
  } catch (err) {
    return err as { code?: string }
  }
}

function nameOf(run: () => unknown): string | undefined {
  try {
    run()
    return undefined
  } catch (err) {
    return (err as Error).name
  }
}
