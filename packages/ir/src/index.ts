export * from './validate.ts'
export { createDocument } from './create-document.ts'
export type { Applied, Document } from './document.ts'
export type { View } from './view.ts'
export { changes, type Change } from './changes.ts'
export { composeGrammars, createGrammar, type Grammar } from './grammar.ts'
export { assemble, type Assembly, type Problem, type SmartNode } from './assemble.ts'
export { disassemble } from './disassemble.ts'
export {
  MAX_VERDICT_BYTES,
  MAX_VERDICT_NODES,
  type Effect,
  type EffectContext,
  type TagRule,
  type Verdict,
} from './tag-rule.ts'
export { effectContext } from './effect-context.ts'
