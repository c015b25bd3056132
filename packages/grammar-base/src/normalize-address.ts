import { multiaddr } from '@multiformats/multiaddr'

/**
 * A multiaddr's text as Go prints it: `/ipfs/` becomes `/p2p/`, numbers and IP addresses take their canonical form. Text
 * that is no multiaddr is returned unchanged.
 *
 * @example
 * ```ts
 * import { normalizeAddress } from '@sr/grammar-base'
 *
 * console.log(normalizeAddress('/ip6/0:0:0:0:0:0:0:1/tcp/80')) // /ip6/::1/tcp/80
 * ```
 */
export function normalizeAddress(text: string): string {
  try {
    // by way of its bytes, which have one form
    return multiaddr(multiaddr(text).bytes).toString()
  } catch {
    return text
  }
}
