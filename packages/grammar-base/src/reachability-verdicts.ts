/**
 * Request tag → the tags of its verdicts. `connectivity` gives `notDialable` for an address without a peer id, as a
 * Go server does.
 *
 * @example
 * ```ts
 * import { reachabilityVerdicts } from '@sr/grammar-base'
 *
 * console.log([...reachabilityVerdicts.get('dialable') ?? []]) // [ 'dialed', 'notDialable' ]
 * ```
 */
export const reachabilityVerdicts: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['dialable', new Set(['dialed', 'notDialable'])],
  ['connectivity', new Set(['connected', 'notConnected', 'notDialable'])],
])
