export { connectivity } from './rule.ts'
export { connectivityEffect } from './effect.ts'
