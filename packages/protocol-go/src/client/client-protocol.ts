import type { ClientProtocol } from '@sr/protocol'
import { checkConfig, duration, optional } from '@sr/runtime'
import { GO_PROTOCOL } from '../limits.ts'
import { type GoClientInit, GoClientSession } from './session.ts'

/**
 * The client side of `/ipfs/smart-record/0.0.1`, as the Go peers' clients behave: one request at a time, on a stream
 * that is kept. When a stream used before turns out to be gone, a get is made once more on a new one; an update that was
 * sent is not, since it may have been applied: it fails with `applied` `unknown`. The server may grant a shorter life than
 * `ttl`, and this protocol cannot say so; a body is a Dict, so `$set` and `$remove` of the whole document cannot be sent.
 *
 * Calls throw ProtocolError: `PROTOCOL_KEY`, `PROTOCOL_DOC`, `PROTOCOL_TTL`, `PROTOCOL_TOO_LARGE` before anything is sent;
 * `PROTOCOL_UNREACHABLE`; `PROTOCOL_RESET` when the peer refuses, for which this protocol gives no reason;
 * `PROTOCOL_CLOSED`, `PROTOCOL_TIMEOUT`, `PROTOCOL_ABORTED`, `PROTOCOL_SHUTDOWN`; `PROTOCOL_BUSY` when earlier calls to the peer
 * took too long, so that nothing was sent; `PROTOCOL_ANSWER`, `PROTOCOL_FRAME`,
 * `PROTOCOL_PROTO` for an answer that is malformed. `applied` says whether an update may have taken effect.
 *
 * @throws ConfigError for an unknown or invalid option; a duration of Infinity sets no limit
 *
 * @example
 * ```ts
 * import { duplexPair } from '@sr/protocol'
 * import { goClientProtocol } from '@sr/protocol-go/client'
 *
 * const [ours, theirs] = duplexPair()
 * void theirs.read().then(async () => await theirs.write(Uint8Array.of(9, 8, 1, 18, 1, 107, 26, 2, 123, 125)))
 * const session = goClientProtocol().connect(async () => ours)
 * console.log((await session.get('k')).documents.size) // 0
 * session.close()
 * ```
 */
export function goClientProtocol(init: GoClientInit = {}): ClientProtocol {
  checkConfig<GoClientInit>('goClientProtocol', init, {
    timeoutMs: optional(duration),
    waitMs: optional(duration),
    idleMs: optional(duration),
  })
  const own = { ...init }
  return { id: GO_PROTOCOL, connect: (open) => new GoClientSession(open, own) }
}
