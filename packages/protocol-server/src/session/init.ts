/** Timing of a session, milliseconds. */
export interface RecordServerTimeouts {
  /** from the first byte of a message to its last; default 10,000 */
  readonly frame: number
  /** silence without a request under way and without a watch; default 120,000 */
  readonly idle: number
  /** from a request that asks for no time of its own to its answer; default 10,000 */
  readonly request: number
  /** without progress of what is to be sent; default 10,000 */
  readonly write: number
  /** without credit of a watch that has something to send; default 300,000 */
  readonly credit: number
  /** for what is under way when the server stops; default 5,000 */
  readonly stop: number
}

/** What {@link recordServerProtocol} takes. */
export interface RecordServerInit {
  /** name of the network that the machine's updates are signed for, as `info` returns it; default `main` */
  readonly network?: string
  readonly timeouts?: Partial<RecordServerTimeouts>
  /** requests under way on one stream; default 128 */
  readonly inFlight?: number
  /** watches on one stream; default 64 */
  readonly watches?: number
}

export const TIMEOUTS: RecordServerTimeouts = {
  frame: 10_000,
  idle: 120_000,
  request: 10_000,
  write: 10_000,
  credit: 300_000,
  stop: 5000,
}
export const IN_FLIGHT = 128
export const WATCHES = 64
