import { assemble, createGrammar, type TagRule } from '@sr/ir'
import { Dict, Predicate, type Node } from '@sr/xr'
import { ballot, type Ballot } from './ballot.ts'

/** A request for the state of a poll. */
export interface Count {
  readonly poll: string
  /** minimum number of voters for an answer with votes by choice; 1 when not stated */
  readonly quorum: bigint
  /** whether the predicate states the quorum, so that `format` reproduces it */
  readonly stated: boolean
}

/** seconds; the fact is renewed while a request remains, and earlier when the record changes */
const FACT_TTL = 60

/** keeps a fact with the longest choices below `MAX_VERDICT_BYTES` and `MAX_VERDICT_NODES` */
const MAX_CHOICES = 10

const BALLOTS = createGrammar([ballot])

/**
 * `count("lunch")`, `count("lunch", quorum=3)`: the server counts the ballots of the record, one for
 * each writer, and answers with `counted(2, result={soup=2})`; `counted(2)` below the quorum.
 */
export const count: TagRule<Count> = {
  tags: ['count'],
  parse({ positional, named }) {
    const [poll] = positional
    if (positional.length !== 1 || typeof poll !== 'string' || poll === '') {
      throw new Error('expected one poll as the argument of count, a String that is not empty')
    }
    const quorum = named.get('quorum')
    if (named.size !== (quorum === undefined ? 0 : 1)) {
      throw new Error('expected no named argument of count except quorum')
    }
    if (quorum !== undefined && (typeof quorum !== 'bigint' || quorum < 1n)) {
      throw new Error('a quorum is an Int from 1')
    }
    return { poll, quorum: quorum ?? 1n, stated: quorum !== undefined }
  },
  format: ({ poll, quorum, stated }) =>
    new Predicate('count', [poll], stated ? Dict.from([['quorum', quorum]]) : Dict.empty),
  effect: {
    // without external actions it may run for forwarded updates, and again after a restart
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

/** Returns the choice of a writer; undefined for a writer with two choices. */
function choiceIn(document: Dict, poll: string): string | undefined {
  const choices = new Set(
    assemble(BALLOTS, document)
      .smart
      // an argument of another predicate, as in `quote(ballot(…))`, is not a vote
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
    .slice(0, MAX_CHOICES)
  const result: Array<[Node, Node]> = first
  return new Predicate('counted', [voters], Dict.from([['result', Dict.from(result)]]))
}
