import type { LegacyViewInit } from './legacy-view.ts'

/** How long a session waits, milliseconds. */
export interface GoServerTimeouts {
  /** silence between requests, 60,000 at least for Go clients; default 120,000 */
  readonly idle?: number
  /** from the first byte of a request to its last; default 10,000 */
  readonly frame?: number
  /** from a request to its answer; default 10,000 */
  readonly handler?: number
  /** from the first byte of an answer to its last; default 10,000 */
  readonly write?: number
  /** how much of `handler` an UPDATE's answer may wait for verdicts; default 5,000 */
  readonly effects?: number
}

/** What {@link goServerProtocol} takes. */
export interface GoServerInit extends Pick<LegacyViewInit, 'verdicts' | 'normalizeAddress'> {
  readonly timeouts?: GoServerTimeouts
}
