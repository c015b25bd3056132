import type { Connection, PeerId, Startable, Stream } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { MAX_RETAIN_MS, seqTime, validateDraft } from '@sr/ir/validate'
import {
  type ByteDuplex,
  type ClientProtocol,
  type ClientSession,
  type GetOptions,
  ProtocolError,
  type RecordView,
  type UpdateOptions,
  type UpdateReceipt,
} from '@sr/protocol'
import { streamDuplex } from '@sr/protocol/libp2p'
import { recordClientProtocol } from './session/index.ts'
import { bool, checkConfig, func, optional, port, text } from '@sr/runtime'
import { from, type Node, type Plain } from '@sr/xr'
import { resolveTarget, type Target } from './target.ts'

/** Number of sessions from which on those that are idle are dropped. */
const SWEEP_AT = 64

/** Options of the client. */
export interface SmartRecordClientInit {
  /** the protocol to speak; default: `recordClientProtocol()` of `@sr/protocol-go/client` */
  protocol?: ClientProtocol
  /** whether to use relayed connections, which are limited in time and data; default false */
  runOnLimitedConnection?: boolean
}

/** The parts of libp2p that the client uses. */
export interface SmartRecordClientComponents {
  connectionManager: {
    openConnection(peer: Multiaddr[], options: { signal?: AbortSignal }): Promise<Pick<Connection, 'remotePeer'>>
    openStream(
      peer: PeerId | Multiaddr[],
      protocol: string,
      options: { signal: AbortSignal; runOnLimitedConnection: boolean },
    ): Promise<Stream>
  }
}

/**
 * Reads and writes records on other peers. Its calls throw as those of the protocol's sessions do, and ProtocolError
 * `PROTOCOL_PEER` for a target that names no peer or several.
 */
export interface SmartRecordClient extends Startable {
  /** What the record under a key on a peer shows, by writer. */
  get(peer: Target, key: Uint8Array | string, options?: GetOptions): Promise<RecordView>
  /**
   * Merges `document`, a Dict or what `from` makes one of, into this peer's own document of the record.
   *
   * @throws IrError for an operator or a life that every server refuses, with its path; nothing is sent then
   */
  update(peer: Target, key: Uint8Array | string, document: Plain, options: UpdateOptions): Promise<UpdateReceipt>
}

/**
 * A client of Smart Records as a libp2p service.
 *
 * @throws ConfigError for an unknown or invalid option
 * @example
 * ```ts no-run
 * import { createLibp2p } from 'libp2p'
 * import { multiaddr } from '@multiformats/multiaddr'
 * import { smartRecordClient } from '@sr/protocol-client'
 *
 * const libp2p = await createLibp2p({ services: { records: smartRecordClient() } })
 * const peer = multiaddr('/ip4/127.0.0.1/tcp/4001/p2p/12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu')
 * await libp2p.services.records.update(peer, 'lobby', { nick: 'bob' }, { ttl: 60 })
 * for (const [writer, { document }] of (await libp2p.services.records.get(peer, 'lobby')).documents) {
 *   console.log(writer, String(document))
 * }
 * ```
 */
export function smartRecordClient(
  init: SmartRecordClientInit = {},
): (components: SmartRecordClientComponents) => SmartRecordClient {
  checkConfig<SmartRecordClientInit>('smartRecordClient', init, {
    protocol: optional(port({ id: text(), connect: func })),
    runOnLimitedConnection: optional(bool),
  })
  const own = { ...init }
  return (components) => new Libp2pClient(components.connectionManager, own)
}

/** The session with a peer, and where it was reached last. */
interface Peer {
  readonly session: ClientSession
  /** what the next stream is opened to */
  target: PeerId | Multiaddr[]
}

class Libp2pClient implements SmartRecordClient {
  readonly #connections: SmartRecordClientComponents['connectionManager']
  readonly #protocol: ClientProtocol
  readonly #runOnLimitedConnection: boolean
  /** by peer id, so that all spellings of a peer share one stream */
  readonly #peers = new Map<string, Peer>()
  #stopped = false

  constructor(
    connections: SmartRecordClientComponents['connectionManager'],
    { protocol = recordClientProtocol(), runOnLimitedConnection = false }: SmartRecordClientInit,
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
    for (const { session } of this.#peers.values()) {
      session.close()
    }
    this.#peers.clear()
  }

  async get(peer: Target, key: Uint8Array | string, options: GetOptions = {}): Promise<RecordView> {
    const ownKey = copyKey(key)
    const ownOptions = { ...options, ...(options.limits === undefined ? {} : { limits: { ...options.limits } }) }
    return await (await this.#sessionWith(peer, ownOptions.signal)).get(ownKey, ownOptions)
  }

  async update(
    peer: Target,
    key: Uint8Array | string,
    document: Plain,
    options: UpdateOptions,
  ): Promise<UpdateReceipt> {
    const [ownKey, ownOptions, body] = [copyKey(key), { ...options }, from(document)]
    assertBody(body)
    return await (await this.#sessionWith(peer, ownOptions.signal)).update(ownKey, body, ownOptions)
  }

  async #sessionWith(target: Target, signal: AbortSignal | undefined): Promise<ClientSession> {
    const { id, addresses: given } = resolveTarget(target)
    const peer = id ?? (await this.#identify(given, signal))
    // an address without a peer id may lead to another peer the next time
    const addresses = id === undefined ? given.map((address) => address.encapsulate(`/p2p/${peer}`)) : given
    if (this.#stopped) {
      throw new ProtocolError('PROTOCOL_SHUTDOWN', 'the client was stopped')
    }
    const known = this.#peers.get(peer.toString())
    if (known === undefined) {
      this.#sweep()
      return this.#connect(peer, addresses.length > 0 ? addresses : peer)
    }
    if (addresses.length > 0) {
      known.target = addresses
    }
    return known.session
  }

  #connect(id: PeerId, target: PeerId | Multiaddr[]): ClientSession {
    const open = async (signal: AbortSignal): Promise<ByteDuplex> => {
      const options = { signal, runOnLimitedConnection: this.#runOnLimitedConnection }
      return streamDuplex(await this.#connections.openStream(peer.target, this.#protocol.id, options))
    }
    const peer: Peer = { session: this.#protocol.connect(open), target }
    this.#peers.set(id.toString(), peer)
    return peer.session
  }

  /** The peer at addresses that do not say which: it proves its id when a connection opens. */
  async #identify(addresses: Multiaddr[], signal: AbortSignal | undefined): Promise<PeerId> {
    try {
      return (await this.#connections.openConnection(addresses, signal === undefined ? {} : { signal })).remotePeer
    } catch (cause) {
      const code = signal?.aborted === true ? 'PROTOCOL_ABORTED' : 'PROTOCOL_UNREACHABLE'
      throw new ProtocolError(code, 'no connection to the peer could be opened', { cause })
    }
  }

  /** Drops sessions that are idle. */
  #sweep(): void {
    if (this.#peers.size >= SWEEP_AT) {
      for (const [id, { session }] of this.#peers) {
        if (session.idle) {
          this.#peers.delete(id)
        }
      }
    }
  }
}

/** A copy: the caller may reuse its buffer as soon as the call returns. */
function copyKey(key: Uint8Array | string): Uint8Array | string {
  return typeof key === 'string' ? key : Uint8Array.from(key)
}

/**
 * Checks what every server checks in a body, so that the caller learns the reason: the oldest protocol has none to give.
 *
 * @throws IrError, with the path
 */
function assertBody(body: Node): void {
  const seq = Date.now() * 1000
  const retain = seqTime(seq) + MAX_RETAIN_MS
  validateDraft({ seq, expires: retain, retain, body })
}
