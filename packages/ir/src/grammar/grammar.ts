import { IrError } from '../errors.ts'
import { OPERATOR_SIGN } from '../operators.ts'
import type { TagRule } from './tag-rule.ts'

/** A set of rules by tag. Tags without a rule stay plain predicates. */
export interface Grammar {
  readonly rules: readonly TagRule<unknown>[]
  /** returns the rule that claims a tag */
  rule(tag: string): TagRule<unknown> | undefined
}

/**
 * Creates a grammar from rules.
 *
 * @throws IrError `IR_GRAMMAR` when two rules claim one tag, or a rule claims an operator or no tag
 * @example
 * ```ts
 * import { createGrammar, type TagRule } from '@sr/ir'
 * import { Predicate } from '@sr/xr'
 *
 * const year: TagRule<number> = {
 *   tags: ['year'],
 *   parse ({ positional: [year] }) {
 *     if (typeof year !== 'bigint') throw new Error('expected an Int as year')
 *     return Number(year)
 *   },
 *   format: (year) => new Predicate('year', [BigInt(year)])
 * }
 * const grammar = createGrammar([year])
 * console.log(grammar.rule('year')?.tags, grammar.rule('month')) // [ 'year' ] undefined
 * ```
 */
export function createGrammar(rules: readonly TagRule<unknown>[]): Grammar {
  const byTag = new Map<string, TagRule<unknown>>()
  const all = Object.freeze([...rules])
  for (const rule of all) {
    if (rule.tags.length === 0) {
      throw new IrError('IR_GRAMMAR', 'expected at least one tag in each rule, got a rule with none')
    }
    for (const tag of rule.tags) {
      if (tag.startsWith(OPERATOR_SIGN)) {
        throw new IrError(
          'IR_GRAMMAR',
          `expected a tag that does not begin with ${OPERATOR_SIGN}, which marks merge operators; got ${tag}`,
        )
      }
      if (byTag.has(tag)) {
        throw new IrError('IR_GRAMMAR', `two rules claim the tag ${tag}`)
      }
      byTag.set(tag, rule)
    }
  }
  return Object.freeze({ rules: all, rule: (tag: string) => byTag.get(tag) })
}

/**
 * Combines the rules of several grammars into one grammar.
 *
 * @throws IrError `IR_GRAMMAR` when two of them claim one tag
 * @example
 * ```ts
 * import { composeGrammars, createGrammar } from '@sr/ir'
 *
 * console.log(composeGrammars(createGrammar([]), createGrammar([])).rules.length) // 0
 * ```
 */
export function composeGrammars(...grammars: readonly Grammar[]): Grammar {
  return createGrammar(grammars.flatMap((grammar) => grammar.rules))
}
