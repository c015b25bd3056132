export * from './validate.ts'
export { MERGE_VERSION } from './update.ts'
export { createDocument } from './document/create-document.ts'
export type { ApplyResult, Document } from './document/document.ts'
export type { View } from './document/view.ts'
export type { ViewPart } from './document/view-part.ts'
export { orderOf } from './document/order.ts'
export { leaves, positionOf, walk, type Position, type Route, type Visit } from './document/walk.ts'
export { changes, type Change } from './document/changes.ts'
export { composeGrammars, createGrammar, type Grammar } from './grammar/grammar.ts'
export { assemble, type Assembly, type SmartNode, type TagProblem } from './grammar/assemble.ts'
export { disassemble } from './grammar/disassemble.ts'
export {
  MAX_VERDICT_BYTES,
  MAX_VERDICT_NODES,
  type Effect,
  type EffectContext,
  type Verdict,
} from './grammar/effect.ts'
export { defineRule, type TagRule } from './grammar/tag-rule.ts'
export { effectContext } from './grammar/effect-context.ts'
