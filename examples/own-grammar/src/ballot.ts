import type { TagRule } from '@sr/ir'
import { Predicate } from '@sr/xr'

/** Somebody's vote: for what, in which poll. */
export interface Ballot {
  readonly poll: string
  readonly choice: string
}

/** `ballot("lunch", "soup")`: a statement that asks for nothing. */
export const ballot: TagRule<Ballot> = {
  tags: ['ballot'],
  parse ({ positional, named }) {
    const [poll, choice] = positional
    if (positional.length !== 2 || named.size > 0 || typeof poll !== 'string' || typeof choice !== 'string') {
      throw new Error('a ballot is a poll and a choice, both Strings')
    }
    if (poll === '' || choice === '') {
      throw new Error('a ballot names a poll and a choice')
    }
    return { poll, choice }
  },
  express: ({ poll, choice }) => new Predicate('ballot', [poll, choice])
}
