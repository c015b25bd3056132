import { multiaddr } from '@multiformats/multiaddr'

/** A multiaddr's text as Go prints it: `/ipfs/` becomes `/p2p/`, numbers and IP addresses take their one form. What is no multiaddr stays. */
export function normalAddress(text: string): string {
  try {
    // by way of its bytes, which have one form
    return multiaddr(multiaddr(text).bytes).toString()
  } catch {
    return text
  }
}
