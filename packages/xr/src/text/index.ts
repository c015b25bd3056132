export { parse } from './parse.ts'
export { print, type PrintOptions } from './print.ts'
export { sr } from './template.ts'
export { diff, type Difference, printDiff } from './diff.ts'
