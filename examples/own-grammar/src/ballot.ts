import type { TagRule } from '@sr/ir'
import { Predicate, size } from '@sr/xr'

/** Somebody's vote: for what, in which poll. */
export interface Ballot {
  readonly poll: string
  readonly choice: string
}

/** Bytes, in dag-cbor: some choices must fit into a fact. */
const LONGEST_CHOICE = 64

/** `ballot("lunch", "soup")`: a statement that asks for nothing. */
export const ballot: TagRule<Ballot> = {
  tags: ['ballot'],
  parse({ positional, named }) {
    const [poll, choice] = positional
    if (positional.length !== 2 || named.size > 0 || typeof poll !== 'string' || typeof choice !== 'string') {
      throw new Error('a ballot is a poll and a choice, both Strings')
    }
    if (poll === '' || choice === '') {
      throw new Error('a ballot names a poll and a choice')
    }
    if (size(choice) > LONGEST_CHOICE) {
      throw new Error(`a choice takes at most ${LONGEST_CHOICE} bytes`)
    }
    return { poll, choice }
  },
  format: ({ poll, choice }) => new Predicate('ballot', [poll, choice]),
}
