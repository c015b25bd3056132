import { XrError } from '../model/errors.ts'

/** Characters of a line that an excerpt shows on either side of the caret. */
const AROUND = 40

/** A syntax error with its line and column, the token found and the token expected. */
export function syntaxError(text: string, at: number, expected: string, why?: string): XrError {
  const place = placeOf(text, at, expected)
  const message = why ?? `expected ${expected}, found ${place.found}`
  return new XrError('XR_SYNTAX', `line ${place.line}, column ${place.column}: ${message}\n${place.excerpt}`, {
    offset: at,
    place,
  })
}

/** An error from outside the parser with its place in the text. */
export function withTextPlace(err: unknown, text: string): unknown {
  if (!(err instanceof XrError) || err.place !== undefined || err.offset === undefined) {
    return err
  }
  const place = placeOf(
    text,
    err.offset,
    err.code === 'XR_DUPLICATE' ? 'a key that is not in the Dict yet' : 'a valid value',
  )
  return err.with({ place }, `line ${place.line}, column ${place.column}: ${err.message}\n${place.excerpt}`)
}

function placeOf(text: string, at: number, expected: string): NonNullable<XrError['place']> {
  const start = text.lastIndexOf('\n', at - 1) + 1
  let line = 1
  for (let i = text.indexOf('\n'); i !== -1 && i < start; i = text.indexOf('\n', i + 1)) {
    line++
  }
  const newline = text.indexOf('\n', at)
  const end = newline === -1 ? text.length : newline
  const from = Math.max(start, at - AROUND)
  const shown = text.slice(from, Math.min(end, at + AROUND)).replace(/\p{Cc}/gu, ' ')
  return {
    line,
    column: at - start + 1,
    found: foundAt(text, at),
    expected,
    excerpt: `${shown}\n${' '.repeat(at - from)}^`,
  }
}

function foundAt(text: string, at: number): string {
  if (at >= text.length) {
    return 'end of text'
  }
  const word = /[A-Za-z0-9_$+.-]{1,20}/y
  word.lastIndex = at
  const match = word.exec(text)
  return match === null ? JSON.stringify(String.fromCodePoint(text.codePointAt(at) as number)) : match[0]
}
