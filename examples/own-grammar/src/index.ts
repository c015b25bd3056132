export { ballot, type Ballot } from './ballot.ts'
export { count, type Count } from './count.ts'
export { polls } from './polls.ts'
