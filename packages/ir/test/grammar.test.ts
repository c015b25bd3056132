import { describe, expect, it } from '@jest/globals'
import { Dict, from, Predicate, type Node } from '@sr/xr'
import { encode } from '@sr/xr/dag-cbor'
import { assemble, composeGrammars, createGrammar, disassemble, type TagRule } from '../src/index.ts'
import { bytesOf } from './replica.ts'
import { full, malformed, none, vote, wellFormed, year } from './sample-grammar.ts'

describe('a grammar', () => {
  it('has rules for its tags only, also for names of object properties', () => {
    expect([full.rule('year'), full.rule('yes'), full.rule('no')]).toEqual([year, vote, vote])
    for (const tag of ['', 'month', '__proto__', 'constructor', 'toString']) expect(full.rule(tag)).toBeUndefined()
  })

  it('has one rule for a tag', () => {
    const code = expect.objectContaining({ name: 'IrError', code: 'IR_GRAMMAR' })
    expect(() => createGrammar([year, { ...vote, tags: ['year'] }])).toThrow(code)
    expect(() => createGrammar([{ ...year, tags: ['year', 'year'] }])).toThrow(code)
    expect(() => createGrammar([{ ...year, tags: ['$year'] }])).toThrow(code)
    expect(() => createGrammar([{ ...year, tags: [] }])).toThrow(code)
    expect(() => composeGrammars(createGrammar([year]), createGrammar([year]))).toThrow(code)
  })

  it('composes of others', () => {
    const both = composeGrammars(createGrammar([year]), createGrammar([vote]), none)
    expect(both.rules).toEqual([year, vote])
    expect(both.rule('no')).toBe(vote)
  })

  it('does not change when its list of rules does', () => {
    const rules: Array<TagRule<unknown>> = [year]
    const grammar = createGrammar(rules)
    rules.push(vote)
    expect([grammar.rules.length, grammar.rule('yes')]).toEqual([1, undefined])
    expect(Object.isFrozen(grammar)).toBe(true)
  })
})

describe('assemble', () => {
  const [y, , yes] = wellFormed as [Predicate, Predicate, Predicate]
  const tree = from({
    born: y,
    list: ['x', yes],
    deep: { said: new Predicate('unknown', [y], Dict.from([['n', yes]])) },
  })

  it('finds smart nodes with path, tag, predicate and value, in the order of the tree', () => {
    expect(assemble(full, tree)).toEqual({
      node: tree,
      smart: [
        { path: ['born'], tag: 'year', predicate: y, value: { year: 1912, about: false }, rule: year, inner: false },
        { path: ['list', 1n], tag: 'yes', predicate: yes, value: { yes: true, of: 'x' }, rule: vote, inner: false },
        {
          path: ['deep', 'said', 0n],
          tag: 'year',
          predicate: y,
          value: { year: 1912, about: false },
          rule: year,
          inner: true,
        },
        {
          path: ['deep', 'said', 'n'],
          tag: 'yes',
          predicate: yes,
          value: { yes: true, of: 'x' },
          rule: vote,
          inner: true,
        },
      ],
      problems: [],
    })
  })

  it('reports a rule whose parse returns a promise', () => {
    const late = createGrammar([
      {
        ...year,
        parse: async () => {
          throw new Error('too late')
        },
      } as TagRule<unknown>,
    ])
    expect(assemble(late, from({ born: y }))).toMatchObject({
      smart: [],
      problems: [{ path: ['born'], tag: 'year', message: 'parse of year is asynchronous' }],
    })
  })

  it('does not search Dict keys', () => {
    expect(assemble(full, Dict.from([[y, 'x']])).smart).toEqual([])
  })

  it('reports a malformed predicate and continues', () => {
    const { smart, problems } = assemble(full, from({ a: malformed[0] as Node, b: y, c: new Predicate('yes') }))
    expect(smart.map(({ path }) => path)).toEqual([['b']])
    expect(problems).toEqual([
      { path: ['a'], tag: 'year', message: 'a year is one Int from 0 to 9999' },
      { path: ['c'], tag: 'yes', message: 'one votes on one thing' },
    ])
  })

  it('accepts any thrown value', () => {
    const odd = createGrammar([
      {
        ...year,
        parse: () => {
          const text: unknown = 'odd'
          throw text
        },
      },
    ])
    expect(assemble(odd, y).problems).toEqual([{ path: [], tag: 'year', message: 'odd' }])
  })
})

describe('disassemble', () => {
  it('returns the same nodes', () => {
    const tree = from({ a: wellFormed[0] as Node, b: [wellFormed[1] as Node, { c: malformed[0] as Node }] })
    expect(disassemble(assemble(full, tree))).toBe(tree)
  })

  it('formats changed values only', () => {
    const tree = from({
      a: { at: new Predicate('year', [1912n]) },
      b: [new Predicate('year', [5n]), 'x'],
      c: new Predicate('p', [new Predicate('year', [6n])]),
      d: { kept: 1 },
    })
    const assembly = assemble(createGrammar([year]), tree)
    const smart = assembly.smart.map((one) => ({
      ...one,
      value: { year: (one.value as { year: number }).year + 1, about: false },
    }))
    const again = disassemble({ ...assembly, smart })
    const expected = from({
      a: { at: new Predicate('year', [1913n]) },
      b: [new Predicate('year', [6n]), 'x'],
      c: new Predicate('p', [new Predicate('year', [7n])]),
      d: { kept: 1 },
    })
    expect(bytesOf(again)).toBe(bytesOf(expected))
    expect((again as Dict).get('d')).toBe((tree as Dict).get('d'))
  })

  it('keeps the order of List members, which equal ignores', () => {
    const body = from({ list: [wellFormed[0] as Node, 'x', wellFormed[2] as Node] })
    expect(encode(disassemble(assemble(full, body)))).toEqual(encode(body))
  })

  it('uses the value of the outer of two nested smart nodes', () => {
    const tree = new Predicate('no', [new Predicate('year', [1n])])
    const assembly = assemble(full, tree)
    const smart = assembly.smart.map((one) => (one.tag === 'year' ? { ...one, value: { year: 2, about: false } } : one))
    expect(disassemble({ ...assembly, smart })).toBe(tree)
  })
})
