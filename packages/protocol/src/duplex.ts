/**
 * A stream of bytes in both directions, over any transport. Bytes are pulled, so a slow reader slows the other side down
 * instead of filling memory.
 */
export interface ByteDuplex {
  /** False once either side has ended or reset the stream: no new request should be sent on it. */
  readonly open: boolean
  /**
   * The next bytes, or undefined when the other side has ended its direction. One call at a time.
   * Rejects when the stream was reset, by either side. An error that is no ProtocolError counts as a failure of the
   * transport, after which a request may be tried again.
   */
  read(): Promise<Uint8Array | undefined>
  /**
   * Sends bytes, which belong to the stream until it resolves; it does when there is room for more. Rejects when the
   * stream was reset or the signal aborts.
   */
  write(bytes: Uint8Array, options?: { signal?: AbortSignal }): Promise<void>
  /** Ends this side's direction, after what was written. */
  close(options?: { signal?: AbortSignal }): Promise<void>
  /** Resets the stream. The other side does not learn the reason. */
  abort(reason: Error): void
}
