import { type ClientProtocol, REQUEST_TIMEOUT_MS } from '@sr/protocol'
import { RECORD_PROTOCOL } from '@sr/protocol/messages'
import { checkConfig, duration, optional } from '@sr/runtime'
import { RecordSession } from './session.ts'

/** Silence after which a client ends its stream, ms: before a server does, after 120 s. */
const IDLE_MS = 100_000

/** Longest random wait before a watch replaces a lost stream, ms: the watchers of a server that restarts do not come at once. */
const JITTER_MS = 2000

/** Timing of the client side; Infinity for no limit. */
export interface RecordClientInit {
  /** from a call to its answer, attempts included; of a call in pages, each page. Default 20,000 */
  readonly timeoutMs?: number
  /** silence after which the stream is ended, ms; default 100,000 */
  readonly idleMs?: number
  /** longest random wait before a watch replaces a lost stream, ms; default 2000 */
  readonly jitterMs?: number
}

/**
 * The client side of `/smart-record/1.0.0`, over any stream of bytes. Requests to a peer share one stream, which is opened when it
 * is needed, and again when it is lost.
 *
 * A call is repeated, within its time, where that cannot apply an update twice: reads; signed updates; own updates with `ifSeq`; what
 * the server says that it has not begun; what it refuses for the moment. Other calls fail with `applied` `unknown`.
 *
 * @throws ConfigError for an unknown or invalid option
 * @example
 * ```ts
 * import { duplexPair } from '@sr/protocol'
 * import { recordClientProtocol } from '@sr/protocol-client/session'
 *
 * const [ours, theirs] = duplexPair()
 * // a server that answers the first request, a ping, with its time
 * void theirs.read().then(async () => await theirs.write(Uint8Array.of(5, 0x83, 1, 0, 0x18, 99)))
 * const session = recordClientProtocol().connect(async () => ours)
 * console.log(await session.ping()) // 99
 * session.close()
 * ```
 */
export function recordClientProtocol(init: RecordClientInit = {}): ClientProtocol {
  checkConfig<RecordClientInit>('recordClientProtocol', init, {
    timeoutMs: optional(duration),
    idleMs: optional(duration),
    jitterMs: optional(duration),
  })
  const { timeoutMs = REQUEST_TIMEOUT_MS, idleMs = IDLE_MS, jitterMs = JITTER_MS } = init
  return { id: RECORD_PROTOCOL, connect: (open) => new RecordSession(open, { timeoutMs, idleMs, jitterMs }) }
}
