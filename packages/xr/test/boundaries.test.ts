import { describe, expect, it } from '@jest/globals'
import { Dict, from, get, key, List, Predicate, print, size, toPlain, type Node, type Plain } from '../src/index.ts'
import * as cbor from '../src/cbor/index.ts'
import * as dagCbor from '../src/dag-cbor.ts'
import * as dagJson from '../src/dag-json.ts'
import { parse, sr } from '../src/text/index.ts'

/** What a call gave, as text that later writes to its arguments must not change. */
const shown = (value: unknown): string =>
  value instanceof Uint8Array
    ? Buffer.from(value).toString('hex')
    : JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner)) + printed(value)

function printed(value: unknown): string {
  try {
    return print(value as Node)
  } catch {
    return ''
  }
}

/** Writes into everything that can be written. */
function scribble(value: unknown): void {
  if (value instanceof Uint8Array) {
    value.fill(0xee)
  } else if (value instanceof Map) {
    for (const inner of value.values()) scribble(inner)
    value.set('scribbled', 1)
  } else if (value instanceof Set) {
    for (const inner of value) scribble(inner)
    value.add('scribbled')
  } else if (Array.isArray(value)) {
    for (const inner of value) scribble(inner)
    if (!Object.isFrozen(value)) value.push('scribbled')
  } else if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    for (const inner of Object.values(value)) scribble(inner)
    Object.assign(value, { scribbled: 1 })
  }
}

const block = (): Uint8Array => new Uint8Array(dagCbor.encode(from({ a: Uint8Array.of(1, 2), b: ['x'] })))

describe('what a caller hands in may be changed as soon as the call returns', () => {
  it.each<[string, () => unknown, (argument: never) => unknown]>([
    ['from, an object', () => ({ a: Uint8Array.of(1), b: [1, { c: 2 }] }), (plain: Plain) => from(plain)],
    ['from, a Map', () => new Map([['a', Uint8Array.of(1)]]), (plain: Plain) => from(plain)],
    ['from, a Set', () => new Set(['a']), (plain: Plain) => from(plain)],
    ['from, bytes', () => Uint8Array.of(1), (plain: Plain) => from(plain)],
    ['List.from', () => ['a', 'b'], (members: Node[]) => List.from(members)],
    ['Dict.from', () => [['a', 1n]], (entries: Array<[Node, Node]>) => Dict.from(entries)],
    ['Predicate', () => [1n, 2n], (positional: Node[]) => new Predicate('p', positional)],
    ['dag-cbor decode', block, (bytes: Uint8Array) => dagCbor.decode(bytes)],
    [
      'dag-json decode',
      () => new Uint8Array(dagJson.encode(from({ a: Uint8Array.of(1) }))),
      (bytes: Uint8Array) => dagJson.decode(bytes),
    ],
    [
      'cbor decode',
      () => new Uint8Array(cbor.encode([Uint8Array.of(1, 2), 'x'])),
      (bytes: Uint8Array) => cbor.decode(bytes),
    ],
    ['cbor encode', () => [Uint8Array.of(1), new Map([['a', 1]])], (value: cbor.CborValue) => cbor.encode(value)],
    ['dag-cbor encode', () => Uint8Array.of(1), (bytes: Uint8Array) => dagCbor.encode(Dict.from([['a', bytes]]))],
    ['print', () => Uint8Array.of(1), (bytes: Uint8Array) => print(bytes)],
    ['key', () => Uint8Array.of(1), (bytes: Uint8Array) => key(bytes)],
    ['size', () => Uint8Array.of(1), (bytes: Uint8Array) => size(bytes)],
    ['toPlain', () => Uint8Array.of(1), (bytes: Uint8Array) => toPlain(from({ a: bytes }))],
    ['the template', () => Uint8Array.of(1), (bytes: Uint8Array) => sr`{a=${bytes}}`],
  ])('%s', (_name, make, call) => {
    const argument = make()
    const result = call(argument as never)
    const before = shown(result)
    scribble(argument)
    expect(shown(result)).toBe(before)
  })

  it.each<[string, (node: Node) => unknown]>([
    ['dag-cbor encode', (node) => dagCbor.encode(node)],
    ['dag-json encode', (node) => dagJson.encode(node)],
    ['canonical', (node) => dagCbor.canonical(node)],
    ['toPlain', (node) => toPlain(node)],
  ])('and what %s returns may be changed: the node stays', (_name, call) => {
    const node = parse('{a=0x0102 b=["x"]}')
    const before = print(node)
    scribble(call(node))
    expect(print(node)).toBe(before)
    expect(print(get(node, 'a') as Node)).toBe('0x0102')
  })
})
