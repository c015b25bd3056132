export type { Case } from './case.ts'
export { storeCases, type StoreSetup } from './store.ts'
