import type { Connection, Libp2p } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { ProbeOptions, Prober } from '@sr/grammar-base'
import { after, checkConfig, delay, func, number, optional, port, text } from '@sr/runtime'

/** What {@link createLibp2pProber} takes. */
export interface Libp2pProberInit {
  /**
   * A libp2p node used for dialling only, with an identity of its own. A dial on the serving node would return an open
   * connection, join other dials to the same peer, and leave an entry in its peer store.
   */
  readonly dialer: Pick<Libp2p, 'dial' | 'peerStore' | 'status'>
  /** the serving node, whose open connections answer probes with `reuse`; without it none is open */
  readonly host?: Pick<Libp2p, 'getConnections'>
  /** shortest time a dial takes to be answered, milliseconds, so that the time does not reveal what is at an address; up to 60,000; default 300 */
  readonly minMs?: number
}

const MIN_MS = 300
const MOST_MIN_MS = 60_000
const CLOSE_MS = 1000

/** A timer this late tells that this process stood still: an answer may wait unread, so the silence is not of the other side. */
const STALL_MS = 500
const P2P_CODE = 421

/**
 * Codes of Node for what the other side did after a packet left: it refused, reset, or was silent for the system's own limit.
 * Not in it, because they say nothing of the other side: ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL, EMFILE and the like.
 * https://nodejs.org/api/errors.html#common-system-errors
 */
const ANSWER_CODES: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'])

/** Names of libp2p's errors for another side that accepted a connection and then did not speak the protocol, or is another peer. */
const ANSWER_NAMES: ReadonlySet<unknown> = new Set([
  'EncryptionFailedError',
  'InvalidCryptoExchangeError',
  'MuxerUnavailableError',
  'StreamResetError',
  'UnexpectedEOFError',
  'UnexpectedPeerError',
  'UnsupportedProtocolError',
])

class DialerProber implements Prober {
  readonly #dialer: Libp2pProberInit['dialer']
  readonly #host: Libp2pProberInit['host']
  readonly #minMs: number

  constructor({ dialer, host, minMs = MIN_MS }: Libp2pProberInit) {
    this.#dialer = dialer
    this.#host = host
    this.#minMs = minMs
  }

  async probe(address: string, { signal, reuse, timeoutMs }: ProbeOptions): Promise<boolean> {
    signal.throwIfAborted()
    const target = multiaddr(address)
    const peer = peerOf(target)
    if (peer === undefined) {
      throw new TypeError(`a probed address must end in the id of the peer: ${address}`)
    }
    if (reuse) {
      return (
        this.#host
          ?.getConnections()
          .some((connection) => connection.status === 'open' && connection.remotePeer.toString() === peer) ?? false
      )
    }
    if (this.#dialer.status !== 'started') {
      throw new Error('the dialer is not running')
    }
    const until = performance.now() + this.#minMs
    const reached = await this.#dial(target, peer, signal, timeoutMs)
    await delay(Math.max(0, until - performance.now()), signal)
    signal.throwIfAborted()
    return reached
  }

  /**
   * Dials the address without the peer id at its end, and compares the id that the other side proves: libp2p joins dials to
   * one peer, so that a dial to another address of it would wait for this one, and take its result.
   */
  async #dial(target: Multiaddr, peer: string, signal: AbortSignal, timeoutMs: number): Promise<boolean> {
    const silence = new AbortController()
    let stalled = false
    let cancel: (() => void) | undefined
    const onProgress = ({ type }: { type: string }): void => {
      // before, the dial waits in a queue of this side
      if (type === 'dial-queue:start-dial') {
        const begun = performance.now()
        cancel ??= after(timeoutMs, () => {
          stalled = performance.now() - begun > timeoutMs + STALL_MS
          silence.abort(new DOMException(`no answer in ${timeoutMs} ms`, 'TimeoutError'))
        })
      }
    }
    try {
      const options = { signal: AbortSignal.any([signal, silence.signal]), force: true, onProgress }
      const connection = await this.#dialer.dial(target.decapsulateCode(P2P_CODE), options)
      await close(connection)
      return connection.remotePeer.toString() === peer
    } catch (err) {
      signal.throwIfAborted()
      if (silence.signal.aborted ? !stalled : isAnswer(err)) {
        return false
      }
      throw err
    } finally {
      cancel?.()
      await this.#forget()
    }
  }

  /** Removes what libp2p stored about peers: this dialer keeps no memory. */
  async #forget(): Promise<void> {
    for (const { id } of await this.#dialer.peerStore.all()) {
      await this.#dialer.peerStore.delete(id)
    }
  }
}

/** Whether an error of a dial, or one that it wraps, shows what the other side did. */
function isAnswer(err: unknown): boolean {
  if (typeof err !== 'object' || err === null) {
    return false
  }
  const { code, name, cause, errors } = err as { code?: unknown; name?: unknown; cause?: unknown; errors?: unknown }
  const inner = Array.isArray(errors) ? errors : cause === undefined ? [] : [cause]
  return ANSWER_CODES.has(code) || ANSWER_NAMES.has(name) || (inner.length > 0 && inner.every(isAnswer))
}

async function close(connection: Connection): Promise<void> {
  const late = new AbortController()
  const cancel = after(CLOSE_MS, () => {
    late.abort(new DOMException(`the connection has not closed in ${CLOSE_MS} ms`, 'TimeoutError'))
  })
  try {
    await connection.close({ signal: late.signal })
  } catch (err) {
    connection.abort(err instanceof Error ? err : new Error('the probe is over'))
  } finally {
    cancel()
  }
}

function peerOf(address: Multiaddr): string | undefined {
  return address.getComponents().findLast(({ code }) => code === P2P_CODE)?.value
}

/**
 * The `Prober` that the tags of `@sr/grammar-base` need, on a libp2p node of its own. It dials exactly the address given,
 * closes the connection and forgets the peer. `probe` throws when nothing of the other side was observed.
 *
 * @throws ConfigError for an unknown or invalid option
 * @example
 * ```ts no-run
 * import { noise } from '@libp2p/noise'
 * import { tcp } from '@libp2p/tcp'
 * import { yamux } from '@libp2p/yamux'
 * import { createLibp2p } from 'libp2p'
 * import { createLibp2pProber } from '@sr/prober-libp2p'
 *
 * const dialer = await createLibp2p({ transports: [tcp()], connectionEncrypters: [noise()], streamMuxers: [yamux()] })
 * const prober = createLibp2pProber({ dialer })
 * const address = '/ip4/192.0.2.1/tcp/4001/p2p/12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu'
 * console.log(await prober.probe(address, { signal: AbortSignal.timeout(10_000), reuse: false, timeoutMs: 5000 }))
 * ```
 */
export function createLibp2pProber(init: Libp2pProberInit): Prober {
  checkConfig<Libp2pProberInit>('createLibp2pProber', init, {
    dialer: port({ dial: func, peerStore: port({ all: func, delete: func }), status: text() }),
    host: optional(port({ getConnections: func })),
    minMs: optional(number({ min: 0, max: MOST_MIN_MS })),
  })
  return new DialerProber(init)
}
