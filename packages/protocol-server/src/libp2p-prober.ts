import type { Connection, Libp2p } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { ProtocolError } from '@sr/protocol'

/** What {@link createLibp2pProber} takes. */
export interface Libp2pProberInit {
  /**
   * A libp2p node for dialling and nothing else, with an identity of its own. A dial on the serving
   * node would be answered by connections that are open, joined by other dials to the same peer,
   * and remembered in its peer store.
   */
  readonly dialer: Pick<Libp2p, 'dial' | 'peerStore' | 'status'>
  /** the serving node, which knows what connections are open; without it none is */
  readonly host?: Pick<Libp2p, 'getConnections'>
  /** every answer about a dial takes this long at least, milliseconds, so that its speed does not tell what is at an address; default 300 */
  readonly minMs?: number
}

/** Finds out whether peers can be reached: the `Prober` that the grammar's tags ask for. */
export interface Libp2pProber {
  /** @throws Error when nothing was tried, or the signal was aborted */
  probe(address: string, options: { readonly signal: AbortSignal; readonly reuse: boolean }): Promise<boolean>
}

const MIN_MS = 300
const CLOSE_MS = 1000
const P2P_CODE = 421

/** Errors by which libp2p says that it has not dialled at all. */
const NOT_TRIED: ReadonlySet<string> = new Set([
  'NotStartedError',
  'NoValidAddressesError',
  'DialDeniedError',
  'ConnectionsLimitError',
])

class DialerProber implements Libp2pProber {
  readonly #dialer: Libp2pProberInit['dialer']
  readonly #host: Libp2pProberInit['host']
  readonly #minMs: number
  /** the last probe of each peer: libp2p joins dials to one peer, and would answer one address with another */
  readonly #last: Map<string, Promise<unknown>>

  constructor({ dialer, host, minMs = MIN_MS }: Libp2pProberInit) {
    this.#dialer = dialer
    this.#host = host
    this.#minMs = minMs
    this.#last = new Map()
  }

  async probe(
    address: string,
    { signal, reuse }: { readonly signal: AbortSignal; readonly reuse: boolean },
  ): Promise<boolean> {
    signal.throwIfAborted()
    const target = multiaddr(address)
    const peer = peerOf(target)
    if (peer === undefined) {
      throw new ProtocolError('PROTOCOL_CONFIG', 'a probed address ends in the peer that should be there')
    }
    if (reuse) {
      return (
        this.#host
          ?.getConnections()
          .some((connection) => connection.status === 'open' && connection.remotePeer.toString() === peer) ?? false
      )
    }
    const before = this.#last.get(peer)
    const probe = Promise.resolve(before)
      .catch(() => {})
      .then(() => this.#dial(target, signal))
    this.#last.set(peer, probe)
    try {
      return await probe
    } finally {
      if (this.#last.get(peer) === probe) {
        this.#last.delete(peer)
      }
    }
  }

  async #dial(target: Multiaddr, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted()
    if (this.#dialer.status !== 'started') {
      throw new ProtocolError('PROTOCOL_SHUTDOWN', 'the dialer is not running')
    }
    const floor = sleep(this.#minMs)
    let reached: boolean
    try {
      const connection = await this.#dialer.dial(target, { signal, force: true })
      reached = connection.remotePeer.toString() === peerOf(target)
      await close(connection)
    } catch (err) {
      signal.throwIfAborted()
      if (NOT_TRIED.has((err as Error).name)) {
        throw err
      }
      reached = false
    } finally {
      await this.#forget()
    }
    await floor
    return reached
  }

  /** Libp2p notes of every dial how it went, and addresses: this dialer has no use for a past. */
  async #forget(): Promise<void> {
    for (const { id } of await this.#dialer.peerStore.all()) {
      await this.#dialer.peerStore.delete(id)
    }
  }
}

async function close(connection: Connection): Promise<void> {
  try {
    await connection.close({ signal: AbortSignal.timeout(CLOSE_MS) })
  } catch (err) {
    connection.abort(err instanceof Error ? err : new Error('the probe is over'))
  }
}

function peerOf(address: Multiaddr): string | undefined {
  return address.getComponents().findLast(({ code }) => code === P2P_CODE)?.value
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

/**
 * A prober on a libp2p node of its own. It dials exactly the address, closes the connection, and
 * forgets the peer.
 *
 * @example
 * ```ts no-run
 * import { noise } from '@libp2p/noise'
 * import { tcp } from '@libp2p/tcp'
 * import { yamux } from '@libp2p/yamux'
 * import { createLibp2p } from 'libp2p'
 * import { createLibp2pProber } from '@sr/protocol-server'
 *
 * const dialer = await createLibp2p({ transports: [tcp()], connectionEncrypters: [noise()], streamMuxers: [yamux()] })
 * const prober = createLibp2pProber({ dialer })
 * const address = '/ip4/192.0.2.1/tcp/4001/p2p/12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu'
 * console.log(await prober.probe(address, { signal: AbortSignal.timeout(5000), reuse: false }))
 * ```
 */
export function createLibp2pProber(init: Libp2pProberInit): Libp2pProber {
  return new DialerProber(init)
}
