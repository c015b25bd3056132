export { ballot, type Ballot } from './ballot.ts'
export { tally, type Tally } from './tally.ts'
export { polls } from './polls.ts'
