import type { TagRule } from '@sr/ir'
import { type AddressTag, formatAddressTag, parseAddressTag } from '../address-tag.ts'
import { type BaseInit, checkInit } from '../init.ts'
import { dialableEffect } from './effect.ts'

/**
 * The tag `dialable(address=multiaddr("…"))`: asks the server to dial the address. The fact is
 * `dialed(at=…)` or `notDialable(at=…)`.
 *
 * @throws ConfigError for an unknown or invalid option
 * @example
 * ```ts
 * import { createGrammar } from '@sr/ir'
 * import { memoryProber } from '@sr/grammar-base'
 * import { dialable } from '@sr/grammar-base/dialable'
 *
 * const grammar = createGrammar([dialable({ prober: memoryProber() })])
 * console.log(grammar.rule('dialable')?.effect?.external) // true
 * ```
 */
export function dialable(init: BaseInit): TagRule<AddressTag> {
  checkInit('dialable', init)
  return { tags: ['dialable'], parse: parseAddressTag, format: formatAddressTag, effect: dialableEffect(init) }
}
