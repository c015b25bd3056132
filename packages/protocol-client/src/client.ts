import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import {
  type ClientProtocol,
  type ClientSession,
  type Explanation,
  type GetOptions,
  type PeerInfo,
  ProtocolError,
  type QueryOptions,
  type RecordUpdates,
  type RecordView,
  type RequestOptions,
  type ServedMachine,
  type ServedRow,
  type Submission,
  type UpdateOptions,
  type UpdateReceipt,
  type WatchOptions,
  type WatchPart,
} from '@sr/protocol'
import { streamDuplex } from '@sr/protocol/libp2p'
import { RECORD_PROTOCOL } from '@sr/protocol/messages'
import { from, type Node, type Path, type Plain } from '@sr/xr'
import type { Selector } from '@sr/xr/selector'
import { assertBody, assertItem, copyGet, copyItem, copyKey } from './copy-arguments.ts'
import { checkInit, type SmartRecordClientComponents, type SmartRecordClientInit } from './init.ts'
import { watchPage } from './page-events.ts'
import { DeferredIterator } from './session/deferred-iterator.ts'
import { NegotiatedSession, type NegotiatedStream, recordClientProtocol } from './session/index.ts'
import { lazySigner } from './lazy-signer.ts'
import type { SignOptions } from './signing/index.ts'
import { type SessionSigner, signedClientProtocol, signedSession } from './signing/signing-session.ts'
import type { SmartRecordClient } from './smart-record-client.ts'
import { resolveTarget, type Target } from './target.ts'

/** Number of sessions from which on those that are idle are dropped. */
const SWEEP_AT = 64

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
  checkInit(init)
  const own = { ...init }
  return (components) => new Libp2pClient(components, own)
}

/** The session with a peer, and where it was reached last. */
interface Peer {
  readonly session: ClientSession
  /** what the next stream is opened to */
  target: PeerId | Multiaddr[]
}

class Libp2pClient implements SmartRecordClient {
  readonly network: string
  readonly #connections: SmartRecordClientComponents['connectionManager']
  readonly #self: string | undefined
  readonly #protocols: readonly ClientProtocol[]
  readonly #runOnLimitedConnection: boolean
  readonly #signer: SessionSigner | undefined
  /** signs updates by default */
  readonly #signs: SessionSigner | undefined
  readonly #machine: ServedMachine | undefined
  #local: ClientSession | undefined
  /** by peer id, so that all spellings of a peer share one stream */
  readonly #peers = new Map<string, Peer>()
  #unwatchPage: (() => void) | undefined
  #stopped = false

  constructor(components: SmartRecordClientComponents, init: SmartRecordClientInit) {
    const { protocols = [recordClientProtocol()], runOnLimitedConnection = false, unsigned = false, machine } = init
    this.#connections = components.connectionManager
    this.#self = components.peerId?.toString()
    this.#runOnLimitedConnection = runOnLimitedConnection
    const signer = signerOf(components, init)
    this.#signer = signer
    this.network = init.network ?? 'main'
    const signs = unsigned ? undefined : signer
    this.#protocols = protocols.map((protocol) =>
      signs === undefined || protocol.id !== RECORD_PROTOCOL ? protocol : signedClientProtocol(protocol, signs),
    )
    this.#machine = machine
    this.#signs = signs
  }

  start(): void {
    this.#stopped = false
    this.#unwatchPage = watchPage(
      () => this.#sessions((session) => session.check?.()),
      () => this.#sessions((session) => session.close()),
    )
  }

  stop(): void {
    this.#stopped = true
    this.#unwatchPage?.()
    this.#sessions((session) => session.close())
    this.#peers.clear()
  }

  async get(peer: Target, key: Uint8Array | string, options: GetOptions = {}): Promise<RecordView> {
    const [ownKey, own] = [copyKey(key), copyGet(options)]
    return await (await this.#sessionWith(peer, own.signal)).get(ownKey, own)
  }

  async getAt(peer: Target, key: Uint8Array | string, at: Path, options: GetOptions = {}): Promise<RecordView<Node>> {
    const [ownKey, own, ownPath] = [copyKey(key), copyGet(options), [...at]]
    return await (await this.#sessionWith(peer, own.signal)).getAt(ownKey, ownPath, own)
  }

  async getUpdates(
    peer: Target,
    key: Uint8Array | string,
    options: Omit<GetOptions, 'limits' | 'onUnreadable'> = {},
  ): Promise<RecordUpdates> {
    const [ownKey, own] = [copyKey(key), { ...options }]
    return await (await this.#sessionWith(peer, own.signal)).getUpdates(ownKey, own)
  }

  query(
    peer: Target,
    key: Uint8Array | string,
    selector: Selector,
    options: QueryOptions = {},
  ): AsyncIterableIterator<ServedRow, undefined> {
    const [ownKey, own, steps] = [copyKey(key), { ...options }, [...selector]]
    return new DeferredIterator(async () => (await this.#sessionWith(peer, own.signal)).query(ownKey, steps, own))
  }

  watch(
    peer: Target,
    key: Uint8Array | string,
    options: WatchOptions = {},
  ): AsyncIterableIterator<WatchPart, undefined> {
    const [ownKey, own] = [copyKey(key), { ...options }]
    return new DeferredIterator(async () => (await this.#sessionWith(peer, own.signal)).watch(ownKey, own))
  }

  async update(
    peer: Target,
    key: Uint8Array | string,
    document: Plain,
    options: UpdateOptions,
  ): Promise<UpdateReceipt> {
    const [ownKey, own, body] = [copyKey(key), { ...options }, from(document)]
    const session = await this.#afterCheck(peer, own.signal, assertBody(body))
    return await session.update(ownKey, body, own)
  }

  async submit(
    peer: Target,
    items: readonly Submission[],
    options: RequestOptions = {},
  ): Promise<ReadonlyArray<UpdateReceipt | ProtocolError>> {
    const [own, all] = [{ ...options }, items.map(copyItem)]
    const session = await this.#afterCheck(peer, own.signal, Promise.all(all.map(assertItem)))
    return await session.submit(all, own)
  }

  async explain(peer: Target, item: Submission, options: RequestOptions = {}): Promise<Explanation> {
    const [own, copy] = [{ ...options }, copyItem(item)]
    const session = await this.#afterCheck(peer, own.signal, assertItem(copy))
    return await session.explain(copy, own)
  }

  async info(peer: Target, options: RequestOptions = {}): Promise<PeerInfo> {
    return await (await this.#sessionWith(peer, options.signal)).info(options)
  }

  async ping(peer: Target, options: RequestOptions = {}): Promise<number> {
    return await (await this.#sessionWith(peer, options.signal)).ping(options)
  }

  async sign(key: Uint8Array | string, document: Plain, options: SignOptions): Promise<Uint8Array> {
    const signer = this.#signer
    if (signer === undefined) {
      const message = 'signing requires a private key, of the node or in the options'
      throw new ProtocolError('PROTOCOL_UNSUPPORTED', message, { subject: 'sign' })
    }
    const { bytes, seq } = await signer.sign(key, document, options)
    signer.settle(seq)
    return bytes
  }

  /** The session, once a check of the documents has passed. The target is read at once: the caller may reuse it. */
  async #afterCheck(peer: Target, signal: AbortSignal | undefined, check: Promise<unknown>): Promise<ClientSession> {
    const session = this.#sessionWith(peer, signal)
    session.catch(() => {})
    await check
    return await session
  }

  async #sessionWith(target: Target, signal: AbortSignal | undefined): Promise<ClientSession> {
    const { id, addresses: given } = resolveTarget(target)
    const peer = id ?? (await this.#identify(given, signal))
    const name = peer.toString()
    // an address without a peer id may lead to another peer the next time
    const addresses = id === undefined ? given.map((address) => address.encapsulate(`/p2p/${name}`)) : given
    if (this.#stopped) {
      throw new ProtocolError('PROTOCOL_SHUTDOWN', 'the client was stopped')
    }
    if (this.#machine !== undefined && name === this.#self) {
      return (this.#local ??= await this.#connectLocal(this.#machine))
    }
    const known = this.#peers.get(name)
    if (known === undefined) {
      this.#sweep()
      return this.#connect(name, addresses.length > 0 ? addresses : peer)
    }
    if (addresses.length > 0) {
      known.target = addresses
    }
    return known.session
  }

  /** Loaded when it is used: a page serves no machine. */
  async #connectLocal(machine: ServedMachine): Promise<ClientSession> {
    const { LocalSession } = await import('./local-session.ts')
    const local = new LocalSession(machine)
    return this.#signs === undefined ? local : signedSession(local, this.#signs)
  }

  #connect(name: string, target: PeerId | Multiaddr[]): ClientSession {
    const open = async (protocols: readonly string[], signal: AbortSignal): Promise<NegotiatedStream> => {
      const options = { signal, runOnLimitedConnection: this.#runOnLimitedConnection }
      const stream = await this.#connections.openStream(peer.target, [...protocols], options)
      return { protocol: stream.protocol, duplex: streamDuplex(stream) }
    }
    const peer: Peer = { session: new NegotiatedSession(this.#protocols, open), target }
    this.#peers.set(name, peer)
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

  #sessions(visit: (session: ClientSession) => void): void {
    for (const { session } of this.#peers.values()) {
      visit(session)
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

function signerOf(components: SmartRecordClientComponents, init: SmartRecordClientInit): SessionSigner | undefined {
  const { network, maxTtl, isShared, privateKey = components.privateKey, datastore = components.datastore } = init
  return privateKey === undefined
    ? undefined
    : lazySigner({
        privateKey,
        ...(network === undefined ? {} : { network }),
        ...(maxTtl === undefined ? {} : { maxTtl }),
        ...(isShared === undefined ? {} : { isShared }),
        ...(datastore === undefined ? {} : { datastore }),
      })
}
