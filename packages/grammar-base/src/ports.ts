/** How a probe is made. */
export interface ProbeOptions {
  /** aborted when the answer is not wanted any more */
  readonly signal: AbortSignal
  /** how long the other side may be silent, milliseconds from the moment the dial starts: waiting before does not count */
  readonly timeoutMs: number
  /**
   * false: dial now, whatever connections there are.
   * true: dial nothing; only report whether a connection with the address's peer is open.
   */
  readonly reuse: boolean
}

/**
 * Finds out whether a peer can be reached; a transport implements it. It stores nothing: no entry in a peer store or
 * address book.
 */
export interface Prober {
  /**
   * Probes one multiaddr that ends in `/p2p/<peer id>`. With `reuse: false` exactly this address
   * is dialled, and no other address known of the peer.
   *
   * - true: the peer has proved its identity, on a connection opened to this address for this
   *   probe, or with `reuse` on one that is open now.
   * - false: the other side was observed otherwise: it refused, it was silent for `timeoutMs`, another peer answered;
   *   with `reuse`: no connection is open.
   * - throws: nothing was observed. Nothing was sent (too busy, no route, out of sockets, shutting down), or the signal
   *   was aborted before the end.
   */
  probe(address: string, options: ProbeOptions): Promise<boolean>
}
