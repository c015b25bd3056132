// Merge does not use grammars. A replica with rules for no tag and one with rules for all store,
// show and forward the same bytes.
import { describe, expect, it } from '@jest/globals'
import { Dict, isKind, List, Predicate, type Node } from '@sr/xr'
import { decode, encode } from '@sr/xr/dag-cbor'
import fc from 'fast-check'
import {
  assemble,
  composeGrammars,
  createDocument,
  createGrammar,
  disassemble,
  type Document,
  type Grammar,
  type Update,
  validateUpdate,
} from '../src/index.ts'
import { history, instants } from './arbitrary.ts'
import { bytesOf, documentOf } from './replica.ts'
import { failureOf, runs } from './runs.ts'
import { full, malformed, none, wellFormed } from './sample-grammar.ts'

/** Claims every tag of the random predicates, and some that it cannot read. */
const greedy: Grammar = composeGrammars(
  full,
  createGrammar([
    { tags: ['p', 'any'], parse: (predicate) => predicate, format: (predicate) => predicate as Predicate },
    {
      tags: ['shy'],
      parse: () => {
        throw new Error('never')
      },
      format: () => new Predicate('shy'),
    },
    {
      // reads the arguments apart and puts them together again
      tags: ['pair'],
      parse: ({ positional, named }) => {
        if (positional.length !== 2) throw new Error('a pair is two')
        return [...positional, named]
      },
      format: (value) => new Predicate('pair', (value as Node[]).slice(0, 2), (value as Node[])[2] as Dict),
    },
  ]),
)

const TAGS = [
  'p',
  'any',
  'shy',
  'pair',
  'year',
  'yes',
  'unknown',
  '',
  'set',
  'a b',
  '__proto__',
  'constructor',
  '\u00e9\u{1f600}',
]

const leaf: fc.Arbitrary<Node> = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 4 }),
  fc.bigInt({ min: -3n, max: 1n << 70n }),
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
  fc.uint8Array({ maxLength: 3 }),
)

const { predicate } = fc.letrec<{ node: Node; predicate: Predicate; named: Dict }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'tag' },
    leaf,
    tie('predicate'),
    fc.array(tie('node'), { maxLength: 3 }).map((members) => List.from(distinct(members))),
    tie('named'),
  ),
  named: fc
    .uniqueArray(fc.tuple(leaf, tie('node')), { maxLength: 3, selector: ([name]) => bytesOf(name) })
    .map((entries) => Dict.from(entries)),
  predicate: fc
    .tuple(fc.constantFrom(...TAGS), fc.array(tie('node'), { maxLength: 3, depthIdentifier: 'tag' }), tie('named'))
    .map(([tag, positional, named]) => new Predicate(tag, positional, named)),
}))

function distinct(nodes: readonly Node[]): Node[] {
  return [...new Map(nodes.map((node) => [bytesOf(node), node])).values()]
}

/** Histories with predicates of all sorts in place of their Strings. */
const tagged: fc.Arbitrary<Update[]> = fc
  .tuple(
    history,
    fc.array(
      fc.oneof(
        { weight: 3, arbitrary: predicate },
        { weight: 1, arbitrary: fc.constantFrom(...wellFormed, ...malformed) },
      ),
      { minLength: 3, maxLength: 6 },
    ),
  )
  .map(([updates, predicates]) =>
    updates.map((update, i) => ({ ...update, body: withTags(update.body, distinct(predicates), i) })),
  )

function withTags(node: Node, predicates: readonly Node[], n: number): Node {
  const pick = (i: number): Node => predicates[(n + i) % predicates.length] as Node
  if (typeof node === 'string') {
    return pick(0)
  }
  if (isKind(node, 'dict')) {
    return Dict.from(Array.from(node, ([name, value], i) => [name, withTags(value, predicates, n + i)]))
  }
  if (isKind(node, 'list')) {
    // 'x' and 'y' are the only Strings; each becomes a member of its own, under an operator, too
    return List.from(Array.from(node, (member) => asMember(member, pick)))
  }
  if (isKind(node, 'predicate') && node.tag.startsWith('$')) {
    return new Predicate(
      node.tag,
      node.positional.map((argument, i) => (i === 0 ? withTags(argument, predicates, n) : argument)),
    )
  }
  return node
}

function asMember(member: Node, pick: (i: number) => Node): Node {
  if (isKind(member, 'predicate') && member.tag.startsWith('$')) {
    return new Predicate(
      member.tag,
      member.positional.map((argument, i) => (i === 0 ? asMember(argument, pick) : argument)),
    )
  }
  return member === 'x' ? new Predicate('x', [pick(0)]) : member === 'y' ? new Predicate('y', [pick(1)]) : member
}

/** A received update as bytes: the times and the hash stand for the envelope, which replicas do not decode. */
interface Sent extends Omit<Update, 'body'> {
  readonly bytes: Uint8Array
}

const sent = ({ body, ...head }: Update): Sent => ({ ...head, bytes: encode(body) })

/** The visible state of a replica. */
interface Seen {
  readonly forwarded: string[]
  readonly shown: string[]
  readonly live: string[][]
  readonly slots: number[]
}

/** A replica that assembles and disassembles each update before it stores, shows and forwards it. */
function replica(updates: readonly Sent[], grammar: Grammar, times: readonly number[]): Seen {
  const seen: Seen = { forwarded: [], shown: [], live: [], slots: [] }
  const document: Document = createDocument()
  const held = new Map<string, Uint8Array>()
  for (const { bytes, ...head } of updates) {
    const body = disassemble(assemble(grammar, decode(bytes)))
    document.apply(validateUpdate({ ...head, body }))
    held.set(head.hash, encode(body))
  }
  for (const now of times) {
    document.prune(now)
    const tree = document.show(now)
    seen.shown.push(bytesOf(tree === undefined ? undefined : disassemble(assemble(grammar, tree))))
    seen.live.push([...document.live()])
    seen.slots.push(document.slots)
    seen.forwarded.push(
      ...[...document.live()].map((hash) => Buffer.from(held.get(hash) as Uint8Array).toString('hex')),
    )
  }
  return seen
}

describe('a grammar does not affect merge', () => {
  it('for replicas with rules for no tag, some or all: they store, show and forward the same bytes', () => {
    let smart = 0
    let problems = 0
    expect(
      failureOf(
        fc.property(tagged, (updates) => {
          const times = instants(updates)
          const wire = updates.map(sent)
          const ignorant = replica(wire, none, times)
          expect(replica(wire, full, times)).toEqual(ignorant)
          expect(replica(wire, greedy, times)).toEqual(ignorant)
          for (const { body } of updates) {
            const assembly = assemble(greedy, body)
            smart += assembly.smart.length
            problems += assembly.problems.length
          }
        }),
        runs(0.3),
      ),
    ).toBeUndefined()
    // otherwise no predicate was read and the comparison would be empty
    expect(Math.min(smart, problems)).toBeGreaterThan(10)
  })

  it("for what is forwarded: the writer's bytes", () => {
    expect(
      failureOf(
        fc.property(tagged, (updates) => {
          const wire = updates.map(sent)
          const written = new Set(wire.map(({ bytes }) => Buffer.from(bytes).toString('hex')))
          for (const grammar of [none, full, greedy]) {
            for (const bytes of replica(wire, grammar, [0]).forwarded) expect(written.has(bytes)).toBe(true)
          }
        }),
        runs(0.3),
      ),
    ).toBeUndefined()
  })

  it('when documents pass between replicas that each read them', () => {
    expect(
      failureOf(
        fc.property(tagged, (updates) => {
          let passed = updates.map(sent)
          for (const grammar of [none, greedy, full, none, greedy]) {
            passed = passed.map(({ bytes, ...head }) => ({
              ...head,
              bytes: encode(disassemble(assemble(grammar, decode(bytes)))),
            }))
          }
          expect(passed).toEqual(updates.map(sent))
          const arrived = documentOf(passed.map(({ bytes, ...head }) => ({ ...head, body: decode(bytes) })))
          for (const now of instants(updates))
            expect(bytesOf(arrived.show(now))).toBe(bytesOf(documentOf(updates).show(now)))
        }),
        runs(0.3),
      ),
    ).toBeUndefined()
  })

  it('for every predicate alone, byte for byte', () => {
    expect(
      failureOf(
        fc.property(predicate, (node) => {
          const bytes = bytesOf(node)
          for (const grammar of [none, full, greedy])
            expect(bytesOf(disassemble(assemble(grammar, decode(encode(node)))))).toBe(bytes)
        }),
        runs(),
      ),
    ).toBeUndefined()
  })

  it('and the test fails for a replica that drops unknown tags', () => {
    const update: Update = {
      seq: 1_000_000,
      hash: '01'.repeat(32),
      expires: 9000,
      retain: 9000,
      body: Dict.from([['a', new Predicate('unknown', ['x'])]]),
    }
    const dropping = createGrammar([{ tags: ['unknown'], parse: () => true, format: () => new Predicate('unknown') }])
    expect(replica([sent(update)], dropping, [0])).not.toEqual(replica([sent(update)], none, [0]))
  })
})
