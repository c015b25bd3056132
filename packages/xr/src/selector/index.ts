export { ANY, DEEP, MAX_STEPS, type Selector, type SelectorStep } from './selector.ts'
export { parseSelector } from './parse-selector.ts'
export { printSelector } from './print-selector.ts'
