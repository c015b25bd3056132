import type { Node } from '../model/node.ts'
import { print } from '../text/print.ts'
import { isBareWord } from '../text/word.ts'
import { ANY, DEEP, type Selector } from './selector.ts'

/**
 * Prints a selector in its text form; `parseSelector` of it is an equal selector.
 *
 * @throws XrError `XR_KIND` for a step that is neither a node nor ANY nor DEEP
 * @example
 * ```ts
 * import { DEEP, printSelector } from '@sr/xr/selector'
 *
 * console.log(printSelector(['peers', 1n, 'a b', DEEP])) // peers/1/"a b"/**
 * ```
 */
export function printSelector(selector: Selector): string {
  return selector.length === 0
    ? '/'
    : selector.map((step) => (step === ANY ? '*' : step === DEEP ? '**' : printKey(step))).join('/')
}

function printKey(key: Node): string {
  return typeof key === 'string' && isBareWord(key) ? key : print(key)
}
