import { createGrammar, type Grammar } from '@sr/ir'
import { ballot } from './ballot.ts'
import { tally } from './tally.ts'

/** The grammar of polls, to be composed with others. */
export const polls: Grammar = createGrammar([ballot, tally])
