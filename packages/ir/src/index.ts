export * from './validate.ts'
export { createDocument } from './document/create-document.ts'
export type { ApplyResult, Document } from './document/document.ts'
export type { View } from './document/view.ts'
export { changes, type Change } from './document/changes.ts'
export { composeGrammars, createGrammar, type Grammar } from './grammar/grammar.ts'
export { assemble, type Assembly, type TagProblem, type SmartNode } from './grammar/assemble.ts'
export { disassemble } from './grammar/disassemble.ts'
export {
  MAX_VERDICT_BYTES,
  MAX_VERDICT_NODES,
  type Effect,
  type EffectContext,
  type TagRule,
  type Verdict,
} from './grammar/tag-rule.ts'
export { effectContext } from './grammar/effect-context.ts'
