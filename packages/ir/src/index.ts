export { compareStamps, type Stamp, type Update } from './update.ts'
export type { Applied, Document } from './document.ts'
export type { Effect, EffectContext, TagRule, Verdict } from './tag-rule.ts'
