import { createGrammar, type Grammar } from '@sr/ir'
import { ballot } from './ballot.ts'
import { count } from './count.ts'

/** The grammar of polls; compose it with others by `composeGrammars`. */
export const polls: Grammar = createGrammar([ballot, count])
