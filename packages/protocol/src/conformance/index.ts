export { type Case, type CaseResult, missingNeeds, runCases, type Supports } from './case.ts'
export * from './client/index.ts'
export * from './server/index.ts'
