import type { TagRule } from '@sr/ir'
import { Predicate, size } from '@sr/xr'

/** A vote for a choice in a poll. */
export interface Ballot {
  readonly poll: string
  readonly choice: string
}

/** Maximum size of a choice, bytes of dag-cbor: ten choices must fit into a fact. */
const MAX_CHOICE_BYTES = 64

/** `ballot("lunch", "soup")`: a statement without an effect. */
export const ballot: TagRule<Ballot> = {
  tags: ['ballot'],
  parse({ positional, named }) {
    const [poll, choice] = positional
    if (positional.length !== 2 || named.size > 0 || typeof poll !== 'string' || typeof choice !== 'string') {
      throw new Error('expected a ballot of two Strings, poll and choice')
    }
    if (poll === '' || choice === '') {
      throw new Error('expected a poll and a choice that are not empty')
    }
    if (size(choice) > MAX_CHOICE_BYTES) {
      throw new Error(`expected a choice of at most ${MAX_CHOICE_BYTES} bytes, got ${size(choice)}`)
    }
    return { poll, choice }
  },
  format: ({ poll, choice }) => new Predicate('ballot', [poll, choice]),
}
