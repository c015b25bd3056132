import type { PeerId, Startable, Stream } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { GO_PROTOCOL, ProtocolError } from '@sr/protocol'
import { streamDuplex } from '@sr/protocol/libp2p'
import type { Dict, Plain } from '@sr/xr'
import { createExchange, type Exchange, type ExchangeInit, type GetOptions, type UpdateOptions } from './exchange.ts'

/** Peers from which on those that are through are let go. */
const SWEEP_AT = 64

/** Whom to ask: a peer libp2p knows how to reach, or where it is. */
export type Target = PeerId | Multiaddr | Multiaddr[]

/** What the client may be told; the defaults are good. */
export interface SmartRecordClientInit extends Omit<ExchangeInit, 'open'> {
  /** whether to talk over relayed connections, which are short and slow; default false */
  runOnLimitedConnection?: boolean
}

/** What the client uses of libp2p. */
export interface SmartRecordClientComponents {
  connectionManager: {
    openStream(
      peer: Target,
      protocol: string,
      options: { signal: AbortSignal; runOnLimitedConnection: boolean },
    ): Promise<Stream>
  }
}

/** Reads and writes records on other peers. Its calls throw as those of `Exchange` do. */
export interface SmartRecordClient extends Startable {
  /** The record under a key on a peer: peer id of the writer → document. */
  get(peer: Target, key: Uint8Array | string, options?: GetOptions): Promise<Map<string, Dict>>
  /** Adds what `document` says, a Dict or what `from` makes one of, to this peer's own document of the record. */
  update(peer: Target, key: Uint8Array | string, document: Plain, options: UpdateOptions): Promise<void>
}

/**
 * A client of Smart Records as a libp2p service.
 *
 * @example
 * ```ts no-run
 * import { createLibp2p } from 'libp2p'
 * import { multiaddr } from '@multiformats/multiaddr'
 * import { smartRecordClient } from '@sr/protocol-client'
 *
 * const libp2p = await createLibp2p({ services: { records: smartRecordClient() } })
 * const peer = multiaddr('/ip4/127.0.0.1/tcp/4001/p2p/12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu')
 * await libp2p.services.records.update(peer, 'lobby', { nick: 'bob' }, { ttl: 60 })
 * for (const [writer, document] of await libp2p.services.records.get(peer, 'lobby')) {
 *   console.log(writer, String(document))
 * }
 * ```
 */
export function smartRecordClient(
  init: SmartRecordClientInit = {},
): (components: SmartRecordClientComponents) => SmartRecordClient {
  return (components) => new Libp2pClient(components.connectionManager, init)
}

class Libp2pClient implements SmartRecordClient {
  readonly #connections: SmartRecordClientComponents['connectionManager']
  readonly #init: SmartRecordClientInit
  readonly #exchanges: Map<string, Exchange>
  #stopped: boolean

  constructor(connections: SmartRecordClientComponents['connectionManager'], init: SmartRecordClientInit) {
    this.#connections = connections
    this.#init = init
    this.#exchanges = new Map()
    this.#stopped = false
  }

  start(): void {
    this.#stopped = false
  }

  stop(): void {
    this.#stopped = true
    for (const exchange of this.#exchanges.values()) {
      exchange.close()
    }
    this.#exchanges.clear()
  }

  async get(peer: Target, key: Uint8Array | string, options?: GetOptions): Promise<Map<string, Dict>> {
    return await this.#with(peer).get(key, options)
  }

  async update(peer: Target, key: Uint8Array | string, document: Plain, options: UpdateOptions): Promise<void> {
    await this.#with(peer).update(key, document, options)
  }

  #with(peer: Target): Exchange {
    if (this.#stopped) {
      throw new ProtocolError('PROTOCOL_SHUTDOWN', 'the client was stopped')
    }
    const name = String(peer)
    let exchange = this.#exchanges.get(name)
    if (exchange === undefined) {
      this.#sweep()
      exchange = createExchange({ ...this.#init, open: async (signal) => await this.#open(peer, signal) })
      this.#exchanges.set(name, exchange)
    }
    return exchange
  }

  /** Lets go of peers that were asked once, and whose streams have ended since. */
  #sweep(): void {
    if (this.#exchanges.size >= SWEEP_AT) {
      for (const [name, exchange] of this.#exchanges) {
        if (exchange.idle) {
          this.#exchanges.delete(name)
        }
      }
    }
  }

  async #open(peer: Target, signal: AbortSignal): Promise<ReturnType<typeof streamDuplex>> {
    const { runOnLimitedConnection = false } = this.#init
    return streamDuplex(await this.#connections.openStream(peer, GO_PROTOCOL, { signal, runOnLimitedConnection }))
  }
}
