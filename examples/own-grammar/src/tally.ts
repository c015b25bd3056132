import { assemble, createGrammar, type TagRule } from '@sr/ir'
import { Dict, Predicate, type Node } from '@sr/xr'
import { ballot, type Ballot } from './ballot.ts'

/** Asks how a poll stands. */
export interface Tally {
  readonly poll: string
  /** votes it takes for the answer to say more than how many have voted; 1 when nothing is said */
  readonly quorum: bigint
  /** whether the quorum was written down, for the predicate to come back as it was */
  readonly stated: boolean
}

/** seconds; the fact is renewed while somebody asks, and sooner when the record changes */
const FACT_TTL = 60

/** with the longest choices, a fact below `MAX_VERDICT_BYTES` and `MAX_VERDICT_NODES`, whatever strangers write */
const MOST_CHOICES = 10

const BALLOTS = createGrammar([ballot])

/**
 * `tally("lunch")`, `tally("lunch", quorum=3)`: the server counts the ballots of the record, one for
 * each writer, and answers with `counted(2, result={soup=2})`; `counted(2)` below the quorum.
 */
export const tally: TagRule<Tally> = {
  tags: ['tally'],
  parse({ positional, named }) {
    const [poll] = positional
    if (positional.length !== 1 || typeof poll !== 'string' || poll === '') {
      throw new Error('a tally is of one poll, a String')
    }
    const quorum = named.get('quorum')
    if (named.size !== (quorum === undefined ? 0 : 1)) {
      throw new Error('a tally has no argument but quorum')
    }
    if (quorum !== undefined && (typeof quorum !== 'bigint' || quorum < 1n)) {
      throw new Error('a quorum is an Int from 1')
    }
    return { poll, quorum: quorum ?? 1n, stated: quorum !== undefined }
  },
  format: ({ poll, quorum, stated }) =>
    new Predicate('tally', [poll], stated ? Dict.from([['quorum', quorum]]) : Dict.empty),
  effect: {
    // it touches nothing outside, so it may be run for updates that others bring, and again after a restart
    external: false,
    blocking: true,
    onChange: true,
    async run({ poll, quorum }, { record, self, signal }) {
      const counts = new Map<string, bigint>()
      let voters = 0n
      for (const [writer, document] of record) {
        signal.throwIfAborted()
        const choice = writer === self ? undefined : choiceIn(document, poll)
        if (choice !== undefined) {
          voters++
          counts.set(choice, (counts.get(choice) ?? 0n) + 1n)
        }
      }
      return { value: counted(voters, voters < quorum ? undefined : counts), ttl: FACT_TTL }
    },
  },
}

/** What a writer votes for; who votes for two things has voted for none. */
function choiceIn(document: Dict, poll: string): string | undefined {
  const choices = new Set(
    assemble(BALLOTS, document)
      .smart
      // an argument of another predicate, as in `quote(ballot(…))`, is no vote
      .filter(({ inner, value }) => !inner && (value as Ballot).poll === poll)
      .map(({ value }) => (value as Ballot).choice),
  )
  return choices.size === 1 ? [...choices][0] : undefined
}

function counted(voters: bigint, counts: ReadonlyMap<string, bigint> | undefined): Predicate {
  if (counts === undefined || counts.size === 0) {
    return new Predicate('counted', [voters])
  }
  const first = [...counts]
    .sort(([a, m], [b, n]) => (m === n ? (a < b ? -1 : 1) : m < n ? 1 : -1))
    .slice(0, MOST_CHOICES)
  const result: Array<[Node, Node]> = first
  return new Predicate('counted', [voters], Dict.from([['result', Dict.from(result)]]))
}
