import type { Predicate } from '@sr/xr'
import type { Effect } from './effect.ts'

/** The meaning of one or more tags. Law: `format(parse(p))` equals `p` for every `p` that parses. */
export interface TagRule<T> {
  /** the tags this rule claims */
  readonly tags: readonly string[]
  /**
   * Reads a predicate of one of the tags. The result depends on the predicate only.
   *
   * @throws Error when the predicate is malformed; its message is reported with the path
   */
  parse(predicate: Predicate): T
  format(value: T): Predicate
  readonly effect?: Effect<T>
}

/**
 * The rule itself, typed: the value that `format` and the effect take is what `parse` returns.
 *
 * @example
 * ```ts
 * import { createGrammar, defineRule } from '@sr/ir'
 * import { Predicate } from '@sr/xr'
 *
 * const grammar = createGrammar([
 *   defineRule({
 *     tags: ['name'],
 *     parse: ({ positional: [name] }) => String(name),
 *     format: (name) => new Predicate('name', [name.trim()])
 *   })
 * ])
 * console.log(grammar.rules.length) // 1
 * ```
 */
export function defineRule<T>(rule: TagRule<T>): TagRule<T> {
  return rule
}
