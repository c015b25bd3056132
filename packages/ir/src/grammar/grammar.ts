import { IrError } from '../errors.ts'
import { OPERATOR_SIGN } from '../operators.ts'
import type { TagRule } from './tag-rule.ts'

/** The tags someone understands, and by which rule. What it does not know it leaves alone. */
export interface Grammar {
  readonly rules: readonly TagRule<unknown>[]
  /** the rule that claims a tag */
  rule(tag: string): TagRule<unknown> | undefined
}

/**
 * A grammar of the given rules.
 *
 * @throws IrError `IR_GRAMMAR` when two rules claim one tag, one claims an operator, or one claims none
 * @example
 * ```ts
 * import { createGrammar, type TagRule } from '@sr/ir'
 * import { Predicate } from '@sr/xr'
 *
 * const year: TagRule<number> = {
 *   tags: ['year'],
 *   parse ({ positional: [year] }) {
 *     if (typeof year !== 'bigint') throw new Error('a year is an Int')
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
      throw new IrError('IR_GRAMMAR', 'a rule claims no tag')
    }
    for (const tag of rule.tags) {
      if (tag.startsWith(OPERATOR_SIGN)) {
        throw new IrError(
          'IR_GRAMMAR',
          `tags that begin with ${OPERATOR_SIGN} are operators of merge, and ${tag} can have no rule`,
        )
      }
      if (byTag.has(tag)) {
        throw new IrError('IR_GRAMMAR', `the tag ${tag} is claimed twice`)
      }
      byTag.set(tag, rule)
    }
  }
  return Object.freeze({ rules: all, rule: (tag: string) => byTag.get(tag) })
}

/**
 * The rules of several grammars as one.
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
