import { describe, expect, it } from '@jest/globals'
import { Dict, equal, from, List, Predicate, type Node } from '@sr/xr'
import fc from 'fast-check'
import { effectContext } from '../src/index.ts'
import { copyBytes } from '../src/copy-bytes.ts'
import { failureOf, runs } from './runs.ts'

/** All Bytes in a node. */
function bytesIn(node: Node): Uint8Array[] {
  if (node instanceof Uint8Array) return [node]
  if (node instanceof List) return [...node].flatMap(bytesIn)
  if (node instanceof Dict) return [...node].flatMap(([name, value]) => [...bytesIn(name), ...bytesIn(value)])
  return node instanceof Predicate ? [...node.positional.flatMap(bytesIn), ...bytesIn(node.named)] : []
}

const { node } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Node>('x', 1n, 1.5, true),
    fc.uint8Array({ maxLength: 3 }).map((bytes): Node => new Uint8Array(bytes)),
    fc.array(tie('node'), { maxLength: 3 }).map((members): Node => new Predicate('p', members)),
    fc.array(tie('node'), { maxLength: 2 }).map((members): Node => List.of(List.of(...members.slice(0, 1)))),
    fc.tuple(tie('node'), tie('node')).map(([name, value]): Node => Dict.from([[name, value]])),
    tie('node').map((value): Node => new Predicate('p', [], Dict.from([['named', value]]))),
  ),
}))

describe('copyBytes', () => {
  it('returns an equal node that shares no Bytes', () => {
    expect(
      failureOf(
        fc.property(node, (node) => {
          const owned = copyBytes(node)
          const theirs = new Set(bytesIn(node))
          expect(equal(owned, node)).toBe(true)
          expect(bytesIn(owned).some((bytes) => theirs.has(bytes))).toBe(false)
          expect(theirs.size > 0 || owned === node).toBe(true)
        }),
        runs(),
      ),
    ).toBeUndefined()
  })
})

describe('effectContext', () => {
  it('returns copies: a write by the effect does not reach the record', () => {
    const bytes = Uint8Array.of(1)
    const document = from({ list: [new Predicate('p', [bytes])] }) as Dict
    const key = Buffer.from([2]) // its slice would be a view
    const seen = {
      key,
      writer: 'ann',
      self: 'server',
      now: 0,
      observed: undefined,
      record: new Map([['ann', document]]),
      signal: new AbortController().signal,
      permit: () => {},
    }
    const { record, key: given } = effectContext(seen)
    given[0] = 9
    const all: Dict[] = [
      record.get('ann') as Dict,
      ...record.values(),
      ...Array.from(record, ([, one]) => one),
      ...Array.from(record.entries(), ([, one]) => one),
    ]
    record.forEach((one) => {
      all.push(one)
    })
    for (const one of all) {
      for (const copy of bytesIn(one)) copy[0] = 9
    }
    expect(all.map((one) => bytesIn(one).length)).toEqual([1, 1, 1, 1, 1])
    expect([equal(document, from({ list: [new Predicate('p', [bytes])] })), bytesIn(document)[0], key[0]]).toEqual([
      true,
      Uint8Array.of(1),
      2,
    ])
    expect(record.get('unknown')).toBeUndefined()
  })
})
