import { XrError } from '../model/errors.ts'
import { LIMITS, overLimit } from '../model/limits.ts'
import type { Node } from '../model/node.ts'
import { parseWith } from '../text/parse.ts'
import { skipSpace } from '../text/space.ts'
import { syntaxError, withTextPlace } from '../text/syntax-error.ts'
import { isBareWord } from '../text/word.ts'
import { ANY, DEEP, MAX_STEPS, type Selector, type SelectorStep } from './selector.ts'

const WORD = /[A-Za-z_$][A-Za-z0-9_$-]*/y
/** What a key may begin with. */
const BEGIN = /[A-Za-z0-9_$"[{(-]/
const STEP = 'a step: a key, * or **'

/**
 * Parses the text form of a selector, as a person types it: `peers` / `*` / `nick`, with or without the spaces. `GRAMMAR.md` has the grammar.
 *
 * @throws XrError with `place` (line, column, found, expected, excerpt): as `parse`, and `XR_NODES` for more than 64 steps
 * @example
 * ```ts
 * import { ANY, DEEP, parseSelector } from '@sr/xr/selector'
 *
 * const [peers, any, deep, spaced] = parseSelector('peers / * / ** / "a b"')
 * console.log(peers, any === ANY, deep === DEEP, spaced) // peers true true a b
 * ```
 */
export function parseSelector(text: string): Selector {
  if (typeof text !== 'string') {
    throw new XrError('XR_KIND', `expected a string, got ${typeof text}`)
  }
  const steps: SelectorStep[] = []
  let at = skipSpace(text, 0)
  if (text[at] === '/') {
    at = skipSpace(text, at + 1)
    if (at === text.length) {
      return steps
    }
  }
  for (;;) {
    if (steps.length === MAX_STEPS) {
      throw tooMany(text, at)
    }
    const { step, end } = stepAt(text, at)
    steps.push(step)
    at = skipSpace(text, end)
    if (at === text.length) {
      return steps
    }
    if (text[at] !== '/') {
      throw syntaxError(text, at, '/ or end of text')
    }
    at = skipSpace(text, at + 1)
  }
}

function stepAt(text: string, at: number): { step: SelectorStep; end: number } {
  if (text[at] === '*') {
    return text[at + 1] === '*' ? { step: DEEP, end: at + 2 } : { step: ANY, end: at + 1 }
  }
  if (!BEGIN.test(text[at] ?? '')) {
    throw syntaxError(text, at, STEP)
  }
  WORD.lastIndex = at
  const word = WORD.exec(text)?.[0]
  if (word !== undefined) {
    const end = at + word.length
    const next = text[end]
    if (word === 'null' && next !== '(') {
      throw syntaxError(text, at, STEP, 'null is none of the eight kinds; the String "null" must be quoted')
    }
    if (isBareWord(word) && next !== '(' && !(word === 'b64' && next === '"')) {
      return { step: checked(text, at, word), end }
    }
  }
  return keyAt(text, at)
}

/** A key in the text syntax of nodes. */
function keyAt(text: string, at: number): { step: Node; end: number } {
  let end = at
  const step = parseWith(text, at, LIMITS, (scanner) => {
    end = scanner.scanValue()
  })
  return { step, end }
}

/** A bare word has the length limit of a String. */
function checked(text: string, at: number, word: string): string {
  const max = LIMITS.string
  if (word.length > max) {
    throw withTextPlace(overLimit('string', max, word.length, { offset: at }), text)
  }
  return word
}

function tooMany(text: string, at: number): unknown {
  const detail = { limit: 'steps', max: MAX_STEPS, got: MAX_STEPS + 1, offset: at }
  return withTextPlace(new XrError('XR_NODES', `a selector has at most ${MAX_STEPS} steps`, detail), text)
}
