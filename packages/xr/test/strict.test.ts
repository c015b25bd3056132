import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { equal, type Node, XrError } from '../src/index.ts'
import * as dagCbor from '../src/dag-cbor.ts'
import * as dagJson from '../src/dag-json.ts'
import { CIDS, node, text } from '../../../tests/kit/src/nodes.ts'
import { CBOR_PARTS, joined, JSON_PARTS, mutated } from './mutation.ts'
import type { Ipld, Oracle } from './oracle/ipld.ts'
import { CBOR, JSON_FORM, judge, judgeValue } from './oracle/natural.ts'
import { specOf } from './spec-of.ts'

/** Runs of each property in every test run; it has held for 60,000 of each. */
const RUNS = 1500

const FORMS = [
  ['dag-cbor', dagCbor, dagJson, CBOR, CBOR_PARTS],
  ['dag-json', dagJson, dagCbor, JSON_FORM, JSON_PARTS],
] as const

describe.each(FORMS)('strictness of %s', (_, codec, other, oracle, parts) => {
  const documents = node.map((n) => codec.encode(n) as Uint8Array)

  it('a changed document is refused, or is canonical; the oracle and the other codec agree', () => {
    fc.assert(
      fc.property(mutated(documents, parts), (bytes) => {
        expect(faultOf(bytes, codec, other, oracle)).toBe('')
      }),
      { numRuns: RUNS },
    )
  })

  it('the same holds for any bytes, and for any parts of documents', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 12 }), joined(parts)), (bytes) => {
        expect(faultOf(bytes, codec, other, oracle)).toBe('')
      }),
      { numRuns: RUNS },
    )
  })

  it('accepts some of the changed documents', () => {
    const sample = fc.sample(mutated(documents, parts), { numRuns: 2000, seed: 3 })
    const taken = sample.filter((bytes) => read(codec, bytes) !== undefined).length
    expect(taken).toBeGreaterThan(50)
    expect(taken).toBeLessThan(1800)
  })
})

/** A value of IPLD: much that is no node of ours, and much that nearly is an escape. */
const ipld: fc.Arbitrary<Ipld> = fc.letrec<{ value: Ipld; pair: Ipld }>((tie) => {
  const list = (...value: Ipld[]): Ipld => ({ kind: 'list', value })
  const nothing = fc.constant<Ipld>({ kind: 'null' })
  const tag = text.map((value): Ipld => ({ kind: 'text', value }))
  const some = fc.array(tie('value'), { maxLength: 3 })
  const map = fc
    .uniqueArray(fc.tuple(text, tie('value')), { maxLength: 3, selector: ([name]) => name })
    .map((value): Ipld => ({ kind: 'map', value }))
  const wide = fc
    .tuple(nothing, fc.constantFrom(1n, -1n, 2n), fc.uint8Array({ minLength: 7, maxLength: 11 }))
    .map(([none, sign, value]) => list(none, { kind: 'int', value: sign }, { kind: 'bytes', value }))
  return {
    pair: fc.oneof(
      { weight: 9, arbitrary: fc.tuple(tie('value'), tie('value')).map((two) => list(...two)) },
      { weight: 1, arbitrary: tie('value') },
    ),
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      tag,
      fc.boolean().map((value): Ipld => ({ kind: 'bool', value })),
      fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n - 1n }).map((value): Ipld => ({ kind: 'int', value })),
      fc.integer({ min: -2, max: 2 }).map((value): Ipld => ({ kind: 'int', value: BigInt(value) })),
      fc
        .double({ noNaN: true, noDefaultInfinity: true })
        .map((value): Ipld => ({ kind: 'float', value: value === 0 ? 0 : value })),
      fc.uint8Array({ maxLength: 6 }).map((value): Ipld => ({ kind: 'bytes', value })),
      fc.constantFrom(...CIDS).map((value): Ipld => ({ kind: 'link', value })),
      nothing,
      some.map((all) => list(...all)),
      map,
      fc
        .tuple(nothing, tag, some, fc.oneof(map, tie('value')))
        .map(([none, name, all, named]) => list(none, name, list(...all), named)),
      fc.tuple(nothing, fc.array(tie('pair'), { maxLength: 3 })).map(([none, all]) => list(none, list(...all))),
      fc
        .tuple(nothing, tag, fc.array(tie('pair'), { maxLength: 2 }))
        .map(([none, name, all]) => list(none, name, list(), list(none, list(...all)))),
      fc
        .tuple(nothing, fc.constantFrom(...CIDS))
        .map(([none, cid]) =>
          list(none, { kind: 'text', value: 'link' }, list({ kind: 'text', value: cid }), { kind: 'map', value: [] }),
        ),
      wide,
    ),
  }
}).value

describe('both codecs', () => {
  it('give the same verdict as the oracle on any IPLD value', () => {
    fc.assert(
      fc.property(ipld, (value) => {
        const expected = JSON.stringify(judgeValue(value))
        expect(specText(read(dagCbor, CBOR.write(value)))).toBe(sorted(expected))
        expect(specText(read(dagJson, JSON_FORM.write(value)))).toBe(sorted(expected))
      }),
      { numRuns: 3 * RUNS },
    )
  })
})

/** The node of bytes, or undefined when they are refused; anything but an XrError that says where is thrown on. */
function read(codec: typeof dagCbor | typeof dagJson, bytes: Uint8Array): Node | undefined {
  try {
    return codec.decode(bytes)
  } catch (err) {
    if (err instanceof XrError && err.path !== undefined && err.offset !== undefined) {
      return undefined
    }
    throw err
  }
}

/** What is wrong with our verdict on bytes, or nothing. */
function faultOf(
  bytes: Uint8Array,
  codec: typeof dagCbor | typeof dagJson,
  other: typeof dagCbor | typeof dagJson,
  oracle: Oracle,
): string {
  const ours = read(codec, bytes)
  const theirs = sorted(JSON.stringify(judge(oracle, bytes)))
  if (specText(ours) !== theirs) {
    return `${codec.name} reads ${specText(ours) ?? 'nothing'}, the oracle ${theirs ?? 'nothing'}`
  }
  if (ours !== undefined && Buffer.compare(codec.encode(ours), bytes) !== 0) {
    return `${codec.name} writes other bytes than it reads`
  }
  return ours === undefined || equal(other.decode(other.encode(ours)), ours)
    ? ''
    : `${other.name} gives back another value`
}

function specText(ours: Node | undefined): string | undefined {
  return ours === undefined ? undefined : sorted(JSON.stringify(specOf(ours)))
}

/** A spec with the entries of its Dicts in one order, since the codecs have two. */
function sorted(spec: string | undefined): string | undefined {
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => {
        const visited = visit(inner)
        return [
          name,
          name === 'dict' || name === 'named'
            ? (visited as unknown[]).map((pair) => JSON.stringify(pair)).sort()
            : visited,
        ]
      }),
    )
  }
  return spec === undefined ? undefined : JSON.stringify(visit(JSON.parse(spec)))
}
