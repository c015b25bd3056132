import { Dict, isKind, Predicate, type Node } from '@sr/xr'
import { createGrammar, type Grammar, type TagRule } from '../src/index.ts'

/** `year(1912)`, `year(1912, about=true)`. */
export interface Year {
  readonly year: number
  readonly about: boolean
}

export const year: TagRule<Year> = {
  tags: ['year'],
  parse({ positional, named }) {
    const [number] = positional
    if (positional.length !== 1 || typeof number !== 'bigint' || number < 0n || number > 9999n) {
      throw new Error('a year is one Int from 0 to 9999')
    }
    const about = named.get('about')
    if (named.size > 1 || (named.size === 1 && about !== true)) {
      throw new Error('beside the number there is only about=true')
    }
    return { year: Number(number), about: about === true }
  },
  format: ({ year, about }) => new Predicate('year', [BigInt(year)], about ? Dict.from([['about', true]]) : Dict.empty),
}

/** `yes(x)` and `no(x)` share a rule; `yes` of something asks how many of the record's writers say the same. */
export const vote: TagRule<{ yes: boolean; of: Node }> = {
  tags: ['yes', 'no'],
  parse({ tag, positional, named }) {
    const [of] = positional
    if (positional.length !== 1 || of === undefined || named.size > 0) {
      throw new Error('one votes on one thing')
    }
    return { yes: tag === 'yes', of }
  },
  format: ({ yes, of }) => new Predicate(yes ? 'yes' : 'no', [of]),
  effect: {
    external: false,
    onChange: true,
    async run({ of }, { record }) {
      const votes = [...record.values()].filter((document) => {
        const said = document.get('vote')
        return isKind(said, 'predicate') && said.tag === 'yes' && said.positional[0] === of
      })
      return votes.length === 0 ? undefined : { value: BigInt(votes.length), ttl: 60 }
    },
  },
}

export const full: Grammar = createGrammar([year, vote])
export const none: Grammar = createGrammar([])

export const wellFormed: readonly Predicate[] = [
  new Predicate('year', [1912n]),
  new Predicate('year', [0n], Dict.from([['about', true]])),
  new Predicate('yes', ['x']),
  new Predicate('no', [new Predicate('year', [1n])]),
]

export const malformed: readonly Predicate[] = [
  new Predicate('year'),
  new Predicate('year', ['1912']),
  new Predicate('year', [1912]),
  new Predicate('year', [10000n]),
  new Predicate('year', [1n], Dict.from([['about', false]])),
  new Predicate('yes', ['x', 'y']),
]
