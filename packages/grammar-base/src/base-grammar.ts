import { createGrammar, type Grammar } from '@sr/ir'
import { connectivity } from './connectivity/rule.ts'
import { dialable } from './dialable/rule.ts'
import { type BaseInit, checkInit } from './init.ts'

/**
 * The grammar of all tags in this package.
 *
 * @throws ConfigError for an unknown or invalid option
 * @example
 * ```ts
 * import { baseGrammar, memoryProber } from '@sr/grammar-base'
 *
 * const grammar = baseGrammar({ prober: memoryProber() })
 * console.log(grammar.rules.flatMap((rule) => rule.tags)) // [ 'dialable', 'connectivity' ]
 * ```
 */
export function baseGrammar(init: BaseInit): Grammar {
  checkInit('baseGrammar', init)
  return createGrammar([dialable(init), connectivity(init)])
}
