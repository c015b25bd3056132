export { type Case, type CaseResult, missingNeeds, runCases, type Supports } from './case.ts'
export { storeCases } from './store/cases.ts'
export type { StoreCase, StoreNeed, StoreSetup } from './store/setup.ts'
