import { build } from '../codec/build.ts'
import { XrError } from '../model/errors.ts'
import { type Limits, limitsOf } from '../model/limits.ts'
import { withPath } from '../codec/error-path.ts'
import type { Node } from '../model/node.ts'
import { Tape } from '../codec/tape.ts'
import { withTextPlace, syntaxError } from './syntax-error.ts'
import { TextReader } from './reader.ts'
import { TextScanner } from './scan.ts'

/**
 * Parses the text syntax of `GRAMMAR.md`, which includes what Go's `WritePretty` prints and any JSON
 * document without null. Equal List members collapse.
 *
 * @throws XrError with `place` (line, column, found, expected, excerpt): `XR_SYNTAX`, `XR_VALUE`
 * (lone surrogates, 1e400), `XR_DUPLICATE` (equal Dict keys), and the limits' codes
 * @example
 * ```ts
 * import { kindOf } from '@sr/xr'
 * import { parse } from '@sr/xr/text'
 *
 * console.log(kindOf(parse('{nick="bob" peers=[dialable(address="local")]}'))) // dict
 * ```
 */
export function parse(text: string, limits?: Partial<Limits>): Node {
  if (typeof text !== 'string') {
    throw new XrError('XR_KIND', `expected a string, got ${typeof text}`)
  }
  return parseWith(text, 0, limitsOf(limits), (scanner) => scanner.scan())
}

/** Parses the value at an offset of a text, and what `scan` takes besides; for other syntaxes that hold values. */
export function parseWith(text: string, at: number, limits: Limits, scan: (scanner: TextScanner) => void): Node {
  const tape = new Tape(limits, { measure: true })
  const reader = new TextReader(text)
  try {
    scan(new TextScanner(text, tape, at))
    return build(tape, reader, { strict: false, sorted: false })
  } catch (err) {
    throw withTextPlace(withPath(asSyntax(err, text), tape, reader), text)
  } finally {
    tape.release()
  }
}

/** The error of a token has an offset only; adds line, column and excerpt. */
function asSyntax(err: unknown, text: string): unknown {
  return err instanceof XrError && err.code === 'XR_SYNTAX' && err.place === undefined
    ? syntaxError(text, err.offset ?? text.length, 'a well-formed token', err.message)
    : err
}
