export { dialable } from './rule.ts'
export { dialableEffect } from './effect.ts'
