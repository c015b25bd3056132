export { parse } from './parse.ts'
export { print, type PrintOptions } from './print.ts'
