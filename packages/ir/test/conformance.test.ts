import { describe, expect, it } from '@jest/globals'
import { from, List, Predicate, type Dict } from '@sr/xr'
import { effectCases, grammarCases, type EffectSetup, type GrammarSetup } from '../src/conformance/index.ts'
import { createGrammar, type TagRule } from '../src/index.ts'
import { full, malformed, none, vote, wellFormed, year } from './sample-grammar.ts'

const grammars: GrammarSetup = { grammar: full, wellFormed, malformed }

const effects: EffectSetup = {
  grammar: full,
  requests: [new Predicate('yes', ['x']), new Predicate('yes', ['y'])],
  context: () => ({
    key: new Uint8Array([1, 2]),
    writer: 'ann',
    now: 1000,
    record: new Map([['ann', from({ vote: new Predicate('yes', ['x']), bytes: new Uint8Array([1]) }) as Dict]]),
    self: 'server',
    observed: undefined,
    permit: () => {},
    signal: new AbortController().signal,
  }),
  aborted: () => ({ ...effects.context(new Predicate('yes', ['x'])), signal: AbortSignal.abort() }),
}

describe('the grammar kit', () => {
  it.each(grammarCases)('accepts a valid grammar: $name', async ({ run }) => {
    await expect((async () => run(grammars))()).resolves.toBeUndefined()
    await expect((async () => run({ grammar: none, wellFormed: [], malformed: [] }))()).resolves.toBeUndefined()
  })

  const broken: Array<[string, Partial<TagRule<unknown>>, Partial<GrammarSetup>, string]> = [
    [
      'a tag without a well-formed predicate',
      { tags: ['year', 'month'] },
      {},
      'the setup has a well-formed predicate for every tag',
    ],
    [
      'a value that is formatted as another predicate',
      { format: () => new Predicate('year', [1n]) },
      {},
      'format returns the predicate that was parsed',
    ],
    ['a rule with a memory', { format: counting() }, {}, 'parsing is repeatable and does not change the predicate'],
    [
      'a well-formed predicate that is refused',
      {},
      { wellFormed: [new Predicate('year', [10000n])] },
      'a well-formed predicate is found at every position, with its path',
    ],
    [
      'a malformed predicate that is let through',
      {},
      { malformed: [new Predicate('year', [1n])] },
      'a malformed predicate is reported with its path and stays a predicate',
    ],
    [
      'a rule that forgets an argument',
      { parse: ({ positional }) => ({ year: Number(positional[0]), about: false }) },
      {},
      'a predicate with unexpected arguments parses and formats back, or parse throws an Error',
    ],
    [
      'a rule that throws a string',
      { parse: thrower },
      {},
      'a predicate with unexpected arguments parses and formats back, or parse throws an Error',
    ],
    [
      'a rule that throws nothing to say',
      {
        parse: () => {
          throw new Error('')
        },
      },
      {},
      'a malformed predicate is reported with its path and stays a predicate',
    ],
    [
      'a tree that does not come back',
      { format: () => new Predicate('other') },
      {},
      'disassemble returns the same bytes, also for unknown tags',
    ],
  ]
  it.each(broken)('catches %s', async (_, rule, setup, name) => {
    const grammar = createGrammar([{ ...year, ...rule } as TagRule<unknown>])
    const run = grammarCases.find((one) => one.name === name)?.run
    await expect(
      (async () =>
        run?.({
          grammar,
          wellFormed: [new Predicate('year', [1912n])],
          malformed: [new Predicate('year')],
          ...setup,
        }))(),
    ).rejects.toThrow(Error)
  })
})

function counting(): () => Predicate {
  let n = 0n
  return () => new Predicate('year', [n++])
}

function thrower(): never {
  const text: unknown = 'not an Error'
  throw text
}

describe('the effect kit', () => {
  it.each(effectCases)('accepts a valid effect: $name', async ({ run }) => {
    await expect((async () => run(effects))()).resolves.toBeUndefined()
  })

  const broken: Array<[string, Effect, string]> = [
    [
      'a verdict without a life',
      async () => ({ value: 1n, ttl: 0 }),
      'returns a verdict that can be stated as a fact, or undefined',
    ],
    [
      'a life of part of a second',
      async () => ({ value: 1n, ttl: 0.5 }),
      'returns a verdict that can be stated as a fact, or undefined',
    ],
    [
      'a verdict that is an operator',
      async () => ({ value: new Predicate('$remove'), ttl: 1 }),
      'returns a verdict that can be stated as a fact, or undefined',
    ],
    [
      'a verdict with an operator in it',
      async () => ({ value: from({ a: [new Predicate('$remove', ['x'])] }), ttl: 1 }),
      'returns a verdict that can be stated as a fact, or undefined',
    ],
    [
      'a verdict of 1025 bytes',
      async () => ({ value: 'x'.repeat(1022), ttl: 1 }),
      'returns a verdict that can be stated as a fact, or undefined',
    ],
    [
      'a verdict of 33 nodes',
      async () => ({ value: List.from(Array.from({ length: 32 }, (_, i) => BigInt(i))), ttl: 1 }),
      'returns a verdict that can be stated as a fact, or undefined',
    ],
    [
      'an effect that writes to bytes it was shown',
      async (_, { record }) => {
        const bytes = record.get('ann')?.get('bytes') as Uint8Array
        bytes[0] = 7
        return undefined
      },
      'does not change its context',
    ],
    [
      'an effect that writes to the key',
      async (_, { key }) => {
        key[0] = 7
        return undefined
      },
      'does not change its context',
    ],
    ['an effect that can run once', once(), 'runs a second time'],
    [
      'an effect that writes to its value',
      async (value) => {
        ;(value as { of: string }).of = 'z'
        return undefined
      },
      'runs a second time',
    ],
  ]
  it.each(broken)('catches %s', async (_, run, name) => {
    const grammar = createGrammar([{ ...vote, effect: { external: false, run } } as TagRule<unknown>])
    const one = effectCases.find((one) => one.name === name)
    await expect((async () => one?.run({ ...effects, grammar }))()).rejects.toThrow(Error)
  })

  it.each<[string, Effect]>([
    ['a verdict of 1024 bytes', async () => ({ value: 'x'.repeat(1021), ttl: 1 })],
    [
      'a verdict of 32 nodes',
      async () => ({ value: List.from(Array.from({ length: 31 }, (_, i) => BigInt(i))), ttl: 1 }),
    ],
  ])('accepts %s', async (_, run) => {
    const grammar = createGrammar([{ ...vote, effect: { external: false, run } } as TagRule<unknown>])
    await expect((async () => effectCases[0]?.run({ ...effects, grammar }))()).resolves.toBeUndefined()
  })

  it('accepts an effect that throws when its signal is aborted', async () => {
    const run: Effect = (_, { signal }) => {
      signal.throwIfAborted()
      return Promise.resolve(undefined)
    }
    const grammar = createGrammar([{ ...vote, effect: { external: false, run } } as TagRule<unknown>])
    await expect(
      (async () => effectCases.find(({ needs }) => needs?.includes('aborted'))?.run({ ...effects, grammar }))(),
    ).resolves.toBeUndefined()
  })

  it('passes effects a record without methods that modify it', async () => {
    const seen: string[] = []
    const run: Effect = async (_, context) => {
      const { record } = context
      seen.push(...['set', 'delete', 'clear'].filter((name) => name in record))
      seen.push(...record.keys(), String(record.size), String(record.has('ann')))
      expect(() => {
        ;(context as { now: number }).now = 0
      }).toThrow(TypeError)
      return undefined
    }
    const grammar = createGrammar([{ ...vote, effect: { external: false, run } } as TagRule<unknown>])
    await effectCases[0]?.run({ ...effects, grammar, requests: [new Predicate('yes', ['x'])] })
    expect(seen).toEqual(['ann', '1', 'true'])
  })
})

type Effect = NonNullable<TagRule<unknown>['effect']>['run']

function once(): Effect {
  let done = false
  return async () => {
    if (done) throw new Error('once only')
    done = true
    return undefined
  }
}
