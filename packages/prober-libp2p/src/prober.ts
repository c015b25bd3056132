import type { Connection, Libp2p } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { ProbeOptions, Prober } from '@sr/grammar-base'
import { after, delay } from '@sr/runtime'

/** What {@link createLibp2pProber} takes. */
export interface Libp2pProberInit {
  /**
   * A libp2p node used for dialling only, with an identity of its own. A dial on the serving node would return an open
   * connection, join other dials to the same peer, and leave an entry in its peer store.
   */
  readonly dialer: Pick<Libp2p, 'dial' | 'peerStore' | 'status'>
  /** the serving node, whose open connections answer probes with `reuse`; without it none is open */
  readonly host?: Pick<Libp2p, 'getConnections'>
  /** shortest time a dial takes to be answered, milliseconds, so that the time does not reveal what is at an address; default 300 */
  readonly minMs?: number
}

const MIN_MS = 300
const CLOSE_MS = 1000
const P2P_CODE = 421

/** Names of errors that libp2p throws when it did not dial at all. */
const NOT_TRIED: ReadonlySet<string> = new Set([
  'NotStartedError',
  'NoValidAddressesError',
  'DialDeniedError',
  'ConnectionsLimitError',
])

class DialerProber implements Prober {
  readonly #dialer: Libp2pProberInit['dialer']
  readonly #host: Libp2pProberInit['host']
  readonly #minMs: number
  /** the last probe of each peer: libp2p joins dials to one peer, so two addresses must not be dialled at once */
  readonly #last: Map<string, Promise<unknown>>

  constructor({ dialer, host, minMs = MIN_MS }: Libp2pProberInit) {
    this.#dialer = dialer
    this.#host = host
    this.#minMs = minMs
    this.#last = new Map()
  }

  async probe(address: string, { signal, reuse }: ProbeOptions): Promise<boolean> {
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
      throw new Error('the dialer is not running')
    }
    const floor = delay(this.#minMs)
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

  /** Removes what libp2p stored about the peer: this dialer keeps no memory. */
  async #forget(): Promise<void> {
    for (const { id } of await this.#dialer.peerStore.all()) {
      await this.#dialer.peerStore.delete(id)
    }
  }
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
 * closes the connection and forgets the peer. `probe` throws when nothing was tried or the signal aborted.
 *
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
 * console.log(await prober.probe(address, { signal: AbortSignal.timeout(5000), reuse: false }))
 * ```
 */
export function createLibp2pProber(init: Libp2pProberInit): Prober {
  return new DialerProber(init)
}
