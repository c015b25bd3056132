import type { TagRule } from '@sr/ir'
import { type AddressTag, formatAddressTag, parseAddressTag } from '../address-tag.ts'
import { type BaseInit, checkInit } from '../init.ts'
import { connectivityEffect } from './effect.ts'

/**
 * The tag `connectivity(address=multiaddr("…"))`: asks whether the server is connected with the
 * address's peer. The fact is `connected(at=…)` or `notConnected(at=…)`.
 *
 * @throws ConfigError for an unknown or invalid option
 * @example
 * ```ts
 * import { createGrammar } from '@sr/ir'
 * import { memoryProber } from '@sr/grammar-base'
 * import { connectivity } from '@sr/grammar-base/connectivity'
 *
 * const grammar = createGrammar([connectivity({ prober: memoryProber() })])
 * console.log(grammar.rule('connectivity')?.tags) // [ 'connectivity' ]
 * ```
 */
export function connectivity(init: Omit<BaseInit, 'policy' | 'shareMs'>): TagRule<AddressTag> {
  checkInit('connectivity', init)
  return {
    tags: ['connectivity'],
    parse: parseAddressTag,
    format: formatAddressTag,
    effect: connectivityEffect(init),
  }
}
