import type {
  ComponentLogger,
  Connection,
  Logger,
  Startable,
  Stream,
  StreamHandler,
  StreamHandlerOptions,
  Upgrader,
} from '@libp2p/interface'
import { GO_PROTOCOL, ProtocolError } from '@sr/protocol'
import { streamDuplex } from '@sr/protocol/libp2p'
import { Budget } from './budget.ts'
import { normalAddress } from './normal-address.ts'
import { PeerRates, type RateLimits, RATES } from './request-rate.ts'
import { serveSession, type SessionMachine, type SessionTimeouts } from './session.ts'
import { type ServerCounter, Tally } from './tally.ts'

/** The parts of libp2p that the server uses. */
export interface SmartRecordServerComponents {
  readonly registrar: {
    handle(protocol: string, handler: StreamHandler, options?: StreamHandlerOptions): Promise<void>
    unhandle(protocol: string): Promise<void>
  }
  readonly upgrader: Pick<Upgrader, 'getConnectionEncrypters'>
  readonly logger: ComponentLogger
}

/** What {@link smartRecordServer} takes. */
export interface SmartRecordServerInit {
  /** what is served; started and closed by whoever made it */
  readonly machine: SessionMachine
  readonly timeouts?: SessionTimeouts
  readonly limits?: Partial<ServerLimits>
  /** serve over relayed connections, which end after a little time or data; default false */
  readonly limitedConnections?: boolean
}

/** What one server grants. */
export interface ServerLimits extends RateLimits {
  /** streams on one connection; default 16 */
  readonly streamsPerConnection: number
  /** streams of one peer, on all its connections; default 64 */
  readonly streamsPerPeer: number
  /** streams in all; default 2,000 */
  readonly streams: number
  /** bytes held for all peers together: requests coming in, answers going out; default 256 MiB */
  readonly buffered: number
}

const LIMITS: ServerLimits = {
  streamsPerConnection: 16,
  streamsPerPeer: 64,
  streams: 2000,
  buffered: 256 * 1024 * 1024,
  ...RATES,
}

/** How long requests that are being answered have when the server stops, milliseconds. */
const STOP_MS = 5000

/** Serves records to the peers of a libp2p node. */
export interface SmartRecordServer extends Startable {
  /** What has happened so far, by name. */
  counters(): ReadonlyMap<ServerCounter, number>
  /** Streams that are open now. */
  readonly streams: number
  /** Bytes held now for all peers together. */
  readonly buffered: number
}

class Libp2pServer implements SmartRecordServer {
  readonly #components: SmartRecordServerComponents
  readonly #init: SmartRecordServerInit
  readonly #limits: ServerLimits
  readonly #log: Logger
  readonly #budget: Budget
  readonly #rates: PeerRates
  readonly #tally: Tally
  /** open streams by peer */
  readonly #peers: Map<string, number>
  readonly #sessions: Map<Promise<void>, Stream>
  #stopping: AbortController | undefined

  constructor(components: SmartRecordServerComponents, init: SmartRecordServerInit) {
    this.#components = components
    this.#init = init
    this.#limits = { ...LIMITS, ...init.limits }
    this.#log = components.logger.forComponent('smart-record:server')
    this.#budget = new Budget(this.#limits.buffered)
    this.#rates = new PeerRates(this.#limits, () => performance.now())
    this.#tally = new Tally()
    this.#peers = new Map()
    this.#sessions = new Map()
    this.#stopping = undefined
  }

  readonly [Symbol.toStringTag]: string = '@sr/protocol-server'

  get streams(): number {
    return this.#sessions.size
  }

  get buffered(): number {
    return this.#budget.held
  }

  counters(): ReadonlyMap<ServerCounter, number> {
    return this.#tally.read()
  }

  isStarted(): boolean {
    return this.#stopping !== undefined
  }

  async start(): Promise<void> {
    if (this.#stopping !== undefined) {
      return
    }
    const plain = [...this.#components.upgrader.getConnectionEncrypters().keys()].find(isPlaintext)
    if (plain !== undefined) {
      throw new ProtocolError('PROTOCOL_CONFIG', `a peer id means nothing over ${plain}: anyone could write as anyone`)
    }
    this.#stopping = new AbortController()
    try {
      await this.#components.registrar.handle(
        GO_PROTOCOL,
        (stream, connection) => {
          this.#accept(stream, connection)
        },
        {
          maxInboundStreams: this.#limits.streamsPerConnection,
          runOnLimitedConnection: this.#init.limitedConnections ?? false,
        },
      )
    } catch (err) {
      // nothing is served, and it can be started again
      this.#stopping = undefined
      throw err
    }
  }

  async stop(): Promise<void> {
    const stopping = this.#stopping
    if (stopping === undefined) {
      return
    }
    this.#stopping = undefined
    await this.#components.registrar.unhandle(GO_PROTOCOL)
    stopping.abort()
    const timer = setTimeout(() => {
      for (const stream of this.#sessions.values()) {
        stream.abort(new ProtocolError('PROTOCOL_SHUTDOWN', 'the server has stopped'))
      }
    }, STOP_MS)
    await Promise.all(this.#sessions.keys())
    clearTimeout(timer)
  }

  #accept(stream: Stream, connection: Connection): void {
    const peer = connection.remotePeer.toString()
    const refusal = this.#refusal(peer, connection)
    if (refusal !== undefined) {
      this.#tally.add('refused.E_BUSY')
      this.#log('refused a stream of %s - %s', peer, refusal.message)
      stream.abort(refusal)
      return
    }
    this.#peers.set(peer, (this.#peers.get(peer) ?? 0) + 1)
    const session = this.#serve(stream, peer, connection)
      .catch((err: unknown) => {
        this.#log.error('a session of %s failed - %e', peer, err)
      })
      .finally(() => {
        this.#sessions.delete(session)
        const left = (this.#peers.get(peer) ?? 1) - 1
        if (left > 0) {
          this.#peers.set(peer, left)
        } else {
          this.#peers.delete(peer)
        }
      })
    this.#sessions.set(session, stream)
  }

  #refusal(peer: string, connection: Connection): ProtocolError | undefined {
    const busy = (limit: string, max: number, got: number): ProtocolError =>
      new ProtocolError('PROTOCOL_BUSY', `${limit} is limited to ${max}`, { limit, max, got })
    const { streams, streamsPerPeer } = this.#limits
    const ofPeer = this.#peers.get(peer) ?? 0
    if (this.#stopping === undefined || isPlaintext(connection.encryption ?? '')) {
      return new ProtocolError('PROTOCOL_SHUTDOWN', 'nothing is served here')
    }
    if (this.#sessions.size >= streams) {
      return busy('streams', streams, this.#sessions.size + 1)
    }
    return ofPeer >= streamsPerPeer ? busy('streamsPerPeer', streamsPerPeer, ofPeer + 1) : undefined
  }

  async #serve(stream: Stream, peer: string, connection: Connection): Promise<void> {
    const { machine, timeouts } = this.#init
    await serveSession(streamDuplex(stream), peer, {
      machine,
      observed: connection.remoteAddr.toString(),
      address: normalAddress,
      budget: this.#budget,
      pace: this.#rates.of(peer),
      tally: this.#tally,
      onRefused: (err) => {
        this.#log('refused a request of %s - %e', peer, err)
      },
      ...(timeouts === undefined ? {} : { timeouts }),
      ...(this.#stopping === undefined ? {} : { stopping: this.#stopping.signal }),
    })
  }
}

function isPlaintext(protocol: string): boolean {
  return protocol.startsWith('/plaintext/')
}

/**
 * A libp2p service that serves the records of a machine on `/ipfs/smart-record/0.0.1`. It refuses
 * to start where connections are not authenticated.
 *
 * @example
 * ```ts no-run
 * import { noise } from '@libp2p/noise'
 * import { tcp } from '@libp2p/tcp'
 * import { yamux } from '@libp2p/yamux'
 * import { createLibp2p } from 'libp2p'
 * import type { Machine } from '@sr/vm'
 * import { smartRecordServer } from '@sr/protocol-server'
 *
 * declare const machine: Machine
 * const node = await createLibp2p({
 *   addresses: { listen: ['/ip4/0.0.0.0/tcp/4001'] },
 *   transports: [tcp()],
 *   connectionEncrypters: [noise()],
 *   streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: 256 * 1024 } })],
 *   services: { records: smartRecordServer({ machine }) }
 * })
 * console.log(node.services.records.streams)
 * ```
 */
export function smartRecordServer(
  init: SmartRecordServerInit,
): (components: SmartRecordServerComponents) => SmartRecordServer {
  return (components) => new Libp2pServer(components, init)
}
