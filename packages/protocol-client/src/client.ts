import type { PeerId, Startable, Stream } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import {
  type ClientProtocol,
  type ClientSession,
  type GetOptions,
  ProtocolError,
  type UpdateOptions,
} from '@sr/protocol'
import { streamDuplex } from '@sr/protocol/libp2p'
import { goClientProtocol } from '@sr/protocol-go/client'
import type { Dict, Plain } from '@sr/xr'

/** Sessions from which on those that are idle are forgotten. */
const SWEEP_AT = 64

/** Which peer to ask: one that libp2p knows how to reach, or its addresses. */
export type Target = PeerId | Multiaddr | Multiaddr[]

/** Options of the client. */
export interface SmartRecordClientInit {
  /** the protocol to speak; default: `goClientProtocol()` of `@sr/protocol-go/client` */
  protocol?: ClientProtocol
  /** whether to use relayed connections, which are limited in time and data; default false */
  runOnLimitedConnection?: boolean
}

/** The parts of libp2p that the client uses. */
export interface SmartRecordClientComponents {
  connectionManager: {
    openStream(
      peer: Target,
      protocol: string,
      options: { signal: AbortSignal; runOnLimitedConnection: boolean },
    ): Promise<Stream>
  }
}

/** Reads and writes records on other peers. Its calls throw as those of the protocol's sessions do. */
export interface SmartRecordClient extends Startable {
  /** The record under a key on a peer: peer id of the writer → document. */
  get(peer: Target, key: Uint8Array | string, options?: GetOptions): Promise<Map<string, Dict>>
  /** Merges `document`, a Dict or what `from` makes one of, into this peer's own document of the record. */
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
  readonly #protocol: ClientProtocol
  readonly #runOnLimitedConnection: boolean
  readonly #sessions = new Map<string, ClientSession>()
  #stopped = false

  constructor(
    connections: SmartRecordClientComponents['connectionManager'],
    { protocol = goClientProtocol(), runOnLimitedConnection = false }: SmartRecordClientInit,
  ) {
    this.#connections = connections
    this.#protocol = protocol
    this.#runOnLimitedConnection = runOnLimitedConnection
  }

  start(): void {
    this.#stopped = false
  }

  stop(): void {
    this.#stopped = true
    for (const session of this.#sessions.values()) {
      session.close()
    }
    this.#sessions.clear()
  }

  async get(peer: Target, key: Uint8Array | string, options?: GetOptions): Promise<Map<string, Dict>> {
    return await this.#sessionWith(peer).get(key, options)
  }

  async update(peer: Target, key: Uint8Array | string, document: Plain, options: UpdateOptions): Promise<void> {
    await this.#sessionWith(peer).update(key, document, options)
  }

  #sessionWith(peer: Target): ClientSession {
    if (this.#stopped) {
      throw new ProtocolError('PROTOCOL_SHUTDOWN', 'the client was stopped')
    }
    const name = String(peer)
    let session = this.#sessions.get(name)
    if (session === undefined) {
      this.#sweep()
      session = this.#protocol.connect(async (signal) => {
        const options = { signal, runOnLimitedConnection: this.#runOnLimitedConnection }
        return streamDuplex(await this.#connections.openStream(peer, this.#protocol.id, options))
      })
      this.#sessions.set(name, session)
    }
    return session
  }

  /** Forgets peers whose sessions are idle. */
  #sweep(): void {
    if (this.#sessions.size >= SWEEP_AT) {
      for (const [name, session] of this.#sessions) {
        if (session.idle) {
          this.#sessions.delete(name)
        }
      }
    }
  }
}
