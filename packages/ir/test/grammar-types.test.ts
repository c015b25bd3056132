import { expect, it } from '@jest/globals'
import { Predicate } from '@sr/xr'
import { createGrammar, defineRule } from '../src/index.ts'

it('the value of an inline rule has the type that its parse returns', () => {
  const grammar = createGrammar([
    defineRule({
      tags: ['year'],
      parse: ({ positional: [year] }) => {
        if (typeof year !== 'bigint') throw new Error('expected an Int')
        return Number(year)
      },
      format: (year) => new Predicate('year', [BigInt(year.toFixed(0))]),
    }),
    defineRule({
      tags: ['name'],
      parse: ({ positional: [name] }) => String(name),
      format: (name) => new Predicate('name', [name.trim()]),
      effect: { external: false, run: async (name) => ({ value: name.toUpperCase(), ttl: 1 }) },
    }),
  ])
  expect(grammar.rules.map(({ tags }) => tags)).toEqual([['year'], ['name']])
})
