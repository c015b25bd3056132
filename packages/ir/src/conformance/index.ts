export { casesFor } from '@sr/xr/conformance'
export type { Case } from './case.ts'
export { grammarCases, type GrammarSetup } from './grammar.ts'
export { effectCases, type EffectSetup } from './effect.ts'
