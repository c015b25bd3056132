import assert from 'node:assert'
import { runInNewContext } from 'node:vm'
import { inspect } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import { Dict, equal, from, get, kindOf, List, type Node, type Plain, Predicate, print } from '../src/index.ts'
import { encode } from '../src/dag-cbor.ts'
import { parse } from '../src/text/index.ts'

describe("the platform's comparisons", () => {
  const unequal: Array<[string, Node, Node]> = [
    ['Dicts by value', parse('{a=1}'), parse('{a=2}')],
    ['Dicts by key', parse('{a=1}'), parse('{b=1}')],
    ['Dicts by size', parse('{a=1}'), parse('{a=1 b=1}')],
    ['an Int and a Float', parse('{a=1}'), parse('{a=1.0}')],
    ['keys of two kinds', parse('{1="x"}'), parse('{"1"="x"}')],
    ['Lists', parse('["a"]'), parse('["b"]')],
    ['deep inside', parse('{a={b=[c(x=1)]}}'), parse('{a={b=[c(x=2)]}}')],
    ['Predicates by tag', parse('a(1)'), parse('b(1)')],
    ['Predicates by argument', parse('a(1)'), parse('a(2)')],
    ['Predicates by order', parse('a(1, 2)'), parse('a(2, 1)')],
    ['a Dict and a List', parse('{}'), parse('[]')],
  ]
  it.each(unequal)('tell apart %s', (_name, a, b) => {
    expect(equal(a, b)).toBe(false)
    expect(() => {
      assert.deepStrictEqual(a, b)
    }).toThrow(assert.AssertionError)
    expect(a).not.toEqual(b)
    expect([a]).not.toStrictEqual([b])
  })

  const same: Array<[string, Node, Node]> = [
    ['Dicts in another order', parse('{a=1 b=[x(1) 2]}'), parse('{b=[x(1) 2] a=1}')],
    ['Lists in another order', parse('["a" "b"]'), parse('["b" "a"]')],
    ['Predicates', parse('p(1, {a=2 b=3}, n=4)'), parse('p(1, {b=3 a=2}, n=4)')],
    [
      'one that was shown as text and one that was not',
      Dict.from([['a', 1n]]),
      (() => {
        const node = Dict.from([['a', 1n]])
        print(node)
        encode(node)
        return node
      })(),
    ],
  ]
  it.each(same)('hold equal %s', (_name, a, b) => {
    expect(equal(a, b)).toBe(true)
    assert.deepStrictEqual(a, b)
    expect(a).toEqual(b)
    expect({ in: [a] }).toEqual({ in: [b] })
  })
})

describe('copies by the platform', () => {
  it.each(['{a=1}', '{}', '["x"]', '[]', 'p(1, a=2)', 'p()'])(
    'are refused, since they would lose the content: %s',
    (text) => {
      expect(() => structuredClone(parse(text))).toThrow(expect.objectContaining({ name: 'DataCloneError' }))
      const { port1, port2 } = new MessageChannel()
      expect(() => {
        port1.postMessage({ node: parse(text) })
      }).toThrow(expect.objectContaining({ name: 'DataCloneError' }))
      port1.close()
      port2.close()
    },
  )

  it('show the content where it is looked at', () => {
    expect(inspect({ node: parse('{a=[1]}') })).toBe('{ node: {a=[1]} }')
    expect(JSON.stringify({ node: parse('{a=[1]}') })).toBe('{"node":{"a":[1]}}')
  })
})

describe('values of another realm', () => {
  const foreign = <T>(code: string): T => runInNewContext(code) as T
  const cases: Array<[string, string, string]> = [
    ['bytes', 'Uint8Array.of(1, 2)', '0x0102'],
    ['a Map', "new Map([['a', 1], [2, 'b']])", '{a=1 2="b"}'],
    ['a Set', "new Set(['a', 'b'])", '["a" "b"]'],
    ['an array', "['a', [1]]", '["a" [1]]'],
    ['an object', '({ a: { b: 1 } })', '{a={b=1}}'],
    ['all at once', "({ a: new Map([['b', new Set([Uint8Array.of(7)])]]) })", '{a={b=[0x07]}}'],
  ]
  it.each(cases)('are taken: %s', (_name, code, text) => {
    expect(print(from(foreign<Plain>(code)))).toBe(text)
  })

  it('are nodes where they are bytes', () => {
    const bytes = foreign<Uint8Array>('Uint8Array.of(1, 2)')
    expect(kindOf(bytes)).toBe('bytes')
    expect(equal(List.of(bytes), List.of(Uint8Array.of(1, 2)))).toBe(true)
    expect(new Predicate('p', [bytes]).depth).toBe(1)
    expect(Buffer.from(encode(Dict.from([['a', bytes]]))).toString('hex')).toBe('a16161420102')
  })

  it('are refused by name where they are no nodes', () => {
    expect(() => from(foreign<Plain>('new Date(0)'))).toThrow('pass its ISO string')
    expect(() => from(foreign<Plain>('new ArrayBuffer(1)'))).toThrow('wrap it in a Uint8Array')
  })
})

describe('positions in a path', () => {
  it('may be numbers', () => {
    const node = from({ list: ['x', 'y'], p: new Predicate('p', ['z']) })
    expect([get(node, 'list', 0), get(node, 'list', 1n), get(node, 'p', 0), get(node, 'list', 0.5)]).toEqual([
      'x',
      'y',
      'z',
      undefined,
    ])
  })
})
