import type {
  ComponentLogger,
  Connection,
  Logger,
  PeerId,
  Startable,
  Stream,
  StreamHandler,
  StreamHandlerOptions,
  Upgrader,
} from '@libp2p/interface'
import {
  FairScheduler,
  MemoryBudget,
  ProtocolError,
  type RequestKind,
  serveContext,
  type ServerProtocol,
  toRefusal,
} from '@sr/protocol'
import { streamDuplex } from '@sr/protocol/libp2p'
import { after, delay } from '@sr/runtime'
import { checkInit, checkMachine } from './check-init.ts'
import { ConnectionLimiter, type ConnectionSource } from './connection-limiter.ts'
import { Counters } from './counters.ts'
import { LIMITS, type ServerLimits, type SmartRecordServerInit } from './init.ts'
import { RateLimiter } from './rate-limiter.ts'
import { type Session, SessionTable } from './session-table.ts'

/** The parts of libp2p that the server uses. */
export interface SmartRecordServerComponents extends ConnectionSource {
  readonly peerId: PeerId
  readonly registrar: {
    handle(protocol: string, handler: StreamHandler, options?: StreamHandlerOptions): Promise<void>
    unhandle(protocol: string): Promise<void>
  }
  readonly upgrader: Pick<Upgrader, 'getConnectionEncrypters'>
  readonly logger: ComponentLogger
}

/** How long requests under way have when the server stops, milliseconds. */
const STOP_MS = 5000

/**
 * Memory of a stream beside the bytes in its buffers: the objects of libp2p and of the session, and garbage of its buffers.
 * Measured with `npm run hostile`: 2,000 streams take 200 MiB.
 */
const STREAM_BYTES = 96 * 1024

/** Errors that mean that the peer or its connection ended the stream. */
const ENDED_BY_PEER: ReadonlySet<unknown> = new Set(['PROTOCOL_RESET', 'PROTOCOL_CLOSED'])

/** Serves records to the peers of a libp2p node. */
export interface SmartRecordServer extends Startable {
  /** Counts by name since the server was created: sessions, requests, refusals by status. */
  counters(): ReadonlyMap<string, number>
  /** streams that are open now */
  readonly streams: number
  /** bytes held now for all peers together, without the 96 KiB that each stream counts against the limit */
  readonly buffered: number
}

class Libp2pServer implements SmartRecordServer {
  readonly #components: SmartRecordServerComponents
  readonly #init: SmartRecordServerInit
  readonly #limits: ServerLimits
  readonly #log: Logger
  readonly #memory: MemoryBudget
  readonly #rates: RateLimiter
  readonly #turns = new FairScheduler()
  readonly #counters = new Counters()
  readonly #sessions = new SessionTable()
  readonly #connections: ConnectionLimiter
  #started = false

  constructor(components: SmartRecordServerComponents, init: SmartRecordServerInit) {
    this.#components = components
    this.#init = init
    this.#limits = { ...LIMITS, ...init.limits }
    this.#log = components.logger.forComponent('smart-record:server')
    this.#memory = new MemoryBudget(this.#limits.buffered, this.#limits.bufferedPerPeer)
    const now = (): number => performance.now()
    this.#rates = new RateLimiter(this.#limits, now)
    this.#connections = new ConnectionLimiter(components, {
      perPeer: this.#limits.connectionsPerPeer,
      idleFrom: this.#limits.idleConnectionsFrom,
      now,
      count: (name) => {
        this.#counters.add(name)
      },
    })
  }

  readonly [Symbol.toStringTag]: string = '@sr/protocol-server'

  get streams(): number {
    return this.#sessions.size
  }

  get buffered(): number {
    return Math.max(0, this.#memory.held - STREAM_BYTES * this.#sessions.size)
  }

  counters(): ReadonlyMap<string, number> {
    return this.#counters.read()
  }

  isStarted(): boolean {
    return this.#started
  }

  async start(): Promise<void> {
    if (this.#started) {
      return
    }
    checkMachine(this.#init.machine, this.#components.peerId)
    const plain = [...this.#components.upgrader.getConnectionEncrypters().keys()].find(isPlaintext)
    if (plain !== undefined) {
      throw new ProtocolError(
        'PROTOCOL_CONFIG',
        `connections must be authenticated; over ${plain} any peer could write as any other`,
      )
    }
    this.#started = true
    const options = {
      maxInboundStreams: this.#limits.streamsPerConnection,
      runOnLimitedConnection: this.#init.limitedConnections ?? false,
    }
    const handled: string[] = []
    try {
      for (const protocol of this.#init.protocols) {
        const handler: StreamHandler = (stream, connection) => {
          this.#accept(protocol, stream, connection)
        }
        await this.#components.registrar.handle(protocol.id, handler, options)
        handled.push(protocol.id)
      }
    } catch (err) {
      // nothing is served, and it can be started again
      this.#started = false
      await Promise.all(handled.map(async (id) => await this.#components.registrar.unhandle(id)))
      throw err
    }
    this.#connections.start()
  }

  async stop(): Promise<void> {
    if (!this.#started) {
      return
    }
    this.#started = false
    this.#connections.stop()
    await Promise.all(this.#init.protocols.map(async ({ id }) => await this.#components.registrar.unhandle(id)))
    for (const { stopping, hurry } of this.#sessions) {
      stopping.abort()
      hurry.abort()
    }
    const cancel = after(STOP_MS, () => {
      for (const { stream } of this.#sessions) {
        stream.abort(new ProtocolError('PROTOCOL_SHUTDOWN', 'the server has stopped'))
      }
    })
    await Promise.all(
      Array.from(this.#sessions, async ({ done }) => {
        await done
      }),
    )
    cancel()
  }

  #accept(protocol: ServerProtocol, stream: Stream, connection: Connection): void {
    const peer = connection.remotePeer.toString()
    const error = this.#validateStream(peer, connection)
    if (error !== undefined || !this.#started) {
      const reason = error ?? new ProtocolError('PROTOCOL_SHUTDOWN', 'the server has stopped')
      this.#counters.add('refused.E_BUSY')
      this.#log('refused a stream of %s - %s', peer, reason.message)
      stream.abort(reason)
      return
    }
    if (this.#sessions.size >= this.#limits.streams) {
      this.#evict(peer)
    }
    this.#counters.add('sessions.opened')
    const session: Session = {
      peer,
      stream,
      connection,
      activeAt: performance.now(),
      stopping: new AbortController(),
      hurry: new AbortController(),
      done: Promise.resolve(),
    }
    this.#sessions.add(session)
    session.done = this.#serve(protocol, session).finally(() => {
      this.#sessions.delete(session)
    })
  }

  /** Makes room for a stream of a peer. */
  #evict(newcomer: string): void {
    const session = this.#sessions.leastNeeded(newcomer)
    if (session !== undefined) {
      this.#counters.add('sessions.evicted')
      this.#sessions.delete(session)
      session.stream.abort(busy('streams', this.#limits.streams, this.#limits.streams + 1))
    }
  }

  /** Returns an error when a stream is not accepted. */
  #validateStream(peer: string, connection: Connection): ProtocolError | undefined {
    const { streamsPerPeer } = this.#limits
    const ofPeer = this.#sessions.count(peer)
    if (isPlaintext(connection.encryption ?? '')) {
      return new ProtocolError('PROTOCOL_SHUTDOWN', 'connections without authentication are not served')
    }
    return ofPeer >= streamsPerPeer ? busy('streamsPerPeer', streamsPerPeer, ofPeer + 1) : undefined
  }

  /** Serves one stream. Never rejects. */
  async #serve(protocol: ServerProtocol, session: Session): Promise<void> {
    const { peer, stream, connection, hurry } = session
    const context = serveContext({
      machine: this.#init.machine,
      peer,
      observedAddr: connection.remoteAddr.toString(),
      signal: session.stopping.signal,
      memory: this.#memory,
      turns: this.#turns,
      admit: (kind) => {
        session.activeAt = performance.now()
        return this.#admit(peer, kind, hurry.signal)
      },
      count: (name, by) => {
        this.#counters.add(name, by)
      },
    })
    stream.addEventListener('close', () => {
      hurry.abort()
    })
    let received = 0
    const receive = (bytes: number): void => {
      this.#memory.change(bytes - received, peer)
      received = bytes
    }
    const onBuffered = (bytes: number): void => {
      session.activeAt = performance.now()
      receive(STREAM_BYTES + bytes)
    }
    try {
      receive(STREAM_BYTES)
      await protocol.serve(streamDuplex(stream, { onBuffered }), context)
    } catch (err) {
      // any value can be thrown
      if (ENDED_BY_PEER.has((err as { code?: unknown } | null | undefined)?.code)) {
        this.#counters.add('sessions.reset')
      } else {
        this.#counters.add(`refused.${toRefusal(err).status}`)
        this.#log('refused a request of %s - %e', peer, err)
      }
      stream.abort(err instanceof Error ? err : new Error('a session failed', { cause: err }))
    } finally {
      context.account.hold(0)
      receive(0)
    }
  }

  #admit(peer: string, kind: RequestKind, signal: AbortSignal): Promise<void> | undefined {
    const ms = this.#rates.take(peer, kind)
    if (ms === 0) {
      return undefined
    }
    this.#counters.add(`delayed.${kind}`)
    return delay(ms, signal)
  }
}

function busy(limit: string, max: number, got: number): ProtocolError {
  return new ProtocolError('PROTOCOL_BUSY', `${limit} is limited to ${max}, got ${got}`, { limit, max, got })
}

function isPlaintext(protocol: string): boolean {
  return protocol.startsWith('/plaintext/')
}

/**
 * A libp2p service that serves the records of a machine by one or more protocols. It refuses to start where connections
 * are not authenticated, and on a machine that is another peer or does not run.
 *
 * @throws ConfigError for an option that is unknown, missing, or of a wrong type or range
 * @example
 * ```ts no-run
 * import { noise } from '@libp2p/noise'
 * import { tcp } from '@libp2p/tcp'
 * import { yamux } from '@libp2p/yamux'
 * import { normalizeAddress, reachabilityVerdicts } from '@sr/grammar-base'
 * import { goServerProtocol } from '@sr/protocol-go/server'
 * import { smartRecordServer } from '@sr/protocol-server'
 * import type { Machine } from '@sr/vm'
 * import { createLibp2p } from 'libp2p'
 *
 * declare const machine: Machine
 * const protocols = [goServerProtocol({ verdicts: reachabilityVerdicts, normalizeAddress })]
 * const node = await createLibp2p({
 *   addresses: { listen: ['/ip4/0.0.0.0/tcp/4001'] },
 *   transports: [tcp()],
 *   connectionEncrypters: [noise()],
 *   streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: 256 * 1024 } })],
 *   services: { records: smartRecordServer({ machine, protocols }) }
 * })
 * console.log(node.services.records.streams)
 * ```
 */
export function smartRecordServer(
  init: SmartRecordServerInit,
): (components: SmartRecordServerComponents) => SmartRecordServer {
  checkInit(init)
  const own = { ...init, protocols: [...init.protocols], limits: { ...init.limits } }
  return (components) => new Libp2pServer(components, own)
}
