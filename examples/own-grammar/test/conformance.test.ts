import { describe, expect, it } from '@jest/globals'
import { composeGrammars, createGrammar } from '@sr/ir'
import { effectCases, grammarCases, type EffectSetup, type GrammarSetup } from '@sr/ir/conformance'
import { Dict, from, isKind, Predicate } from '@sr/xr'
import { polls } from '../src/index.ts'

const count = (quorum?: bigint): Predicate =>
  new Predicate('count', ['lunch'], quorum === undefined ? Dict.empty : Dict.from([['quorum', quorum]]))
const ballot = (choice: string): Predicate => new Predicate('ballot', ['lunch', choice])

const grammars: GrammarSetup = {
  grammar: polls,
  wellFormed: [ballot('soup'), count(), count(1n), count(3n)],
  malformed: [
    new Predicate('ballot'),
    new Predicate('ballot', ['lunch']),
    new Predicate('ballot', ['', 'soup']),
    new Predicate('ballot', ['lunch', 1n]),
    ballot('x'.repeat(63)),
    new Predicate('ballot', ['lunch', 'soup'], Dict.from([['weight', 2n]])),
    new Predicate('count'),
    new Predicate('count', ['']),
    new Predicate('count', [1n]),
    count(0n),
    new Predicate('count', ['lunch'], Dict.from([['quorum', '3']])),
    new Predicate('count', ['lunch'], Dict.from([['until', 3n]])),
  ],
}

const effects: EffectSetup = {
  grammar: polls,
  requests: [count(), count(3n), new Predicate('count', ['no such poll'])],
  context: () => ({
    key: Uint8Array.of(1),
    writer: 'ann',
    now: 1000,
    record: new Map(
      Object.entries({ ann: 'soup', bob: 'soup', cid: 'fish' }).map(([writer, choice]) => {
        const document = from({ vote: ballot(choice), bytes: new Uint8Array([1]) })
        if (!isKind(document, 'dict')) throw new TypeError('from() of an object is a Dict')
        return [writer, document]
      }),
    ),
    self: 'server',
    observed: undefined,
    permit: () => {},
    signal: new AbortController().signal,
  }),
  aborted: (request) => ({ ...effects.context(request), signal: AbortSignal.abort() }),
}

describe('the grammar of polls', () => {
  it.each(grammarCases)('keeps the contract: $name', async ({ run }) => {
    await expect((async () => run(grammars))()).resolves.toBeUndefined()
  })

  it('composes with another that knows other tags', () => {
    const other = createGrammar([{ tags: ['meet'], parse: () => true, format: () => new Predicate('meet') }])
    expect(composeGrammars(polls, other).rules.flatMap(({ tags }) => tags)).toEqual(['ballot', 'count', 'meet'])
  })
})

describe('the effect of count', () => {
  it.each(effectCases)('keeps the contract: $name', async ({ run }) => {
    await expect((async () => run(effects))()).resolves.toBeUndefined()
  })
})
