/** How a probe is made. */
export interface ProbeOptions {
  /** aborted when the answer is not wanted any more */
  readonly signal: AbortSignal
  /**
   * false: dial now, whatever connections there are.
   * true: dial nothing; only say whether a connection with the address's peer is open.
   */
  readonly reuse: boolean
}

/**
 * Finds out whether a peer can be reached; a transport implements it. What it learns goes nowhere
 * else: not into a peer store, not into an address book.
 */
export interface Prober {
  /**
   * Probes one multiaddr that ends in `/p2p/<peer id>`. With `reuse: false` exactly this address
   * is dialled, and none that is known of the peer besides.
   *
   * - true: the peer has proved its identity, on a connection opened to this address for this
   *   probe, or with `reuse` on one that is open now.
   * - false: it was tried and did not come to that, for whatever reason: refused, silent, another
   *   peer; with `reuse`: no connection is open.
   * - throws: there is no answer. Nothing was tried (too busy, shutting down), or the signal was
   *   aborted before the end.
   */
  probe(address: string, options: ProbeOptions): Promise<boolean>
}
