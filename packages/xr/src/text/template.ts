import { from, type Plain } from '../model/from.ts'
import type { Node } from '../model/node.ts'
import { parse } from './parse.ts'
import { print } from './print.ts'

/**
 * Parses a template in the text syntax. Each interpolated value is converted by `from` and is one node: a
 * value, a key, a member or an argument. Strings are quoted, so untrusted ones are safe.
 *
 * @throws XrError as `parse` and `from` do
 * @throws TypeError when a value is inside quotes or a comment
 * @example
 * ```ts
 * import { print } from '@sr/xr'
 * import { sr } from '@sr/xr/text'
 *
 * const address = '/ip4/127.0.0.1/tcp/4001'
 * console.log(print(sr`{nick="bob" at=dialable(address=multiaddr(${address})) size=${1.5}}`))
 * // {nick="bob" at=dialable(address=multiaddr("/ip4/127.0.0.1/tcp/4001")) size=1.5}
 * ```
 */
export function sr(strings: TemplateStringsArray, ...values: readonly Plain[]): Node {
  let text = strings.raw[0] as string
  let quoted = within(text)
  values.forEach((value, i) => {
    if (quoted) {
      throw new TypeError('a value is inside quotes or a comment: put it outside; quotes are added')
    }
    const next = strings.raw[i + 1] as string
    // spaces separate the value from adjacent tokens
    text += ` ${print(from(value))} ${next}`
    quoted = within(next)
  })
  return parse(text)
}

/** Whether text that begins outside of quotes ends inside of them, or in a comment. */
function within(text: string): boolean {
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (quoted) {
      i += char === '\\' ? 1 : 0
      quoted = char !== '"'
    } else if (char === '"') {
      quoted = true
    } else if (char === '#') {
      const end = text.indexOf('\n', i)
      if (end === -1) {
        return true
      }
      i = end
    }
  }
  return quoted
}
