import type { ConnectionEncrypter, StreamMuxerFactory, Transport } from '@libp2p/interface'
import { type Check, checkConfig, ConfigError, func, listOf } from '@sr/runtime'
import { FairScheduler } from './fair-scheduler.ts'
import { guardEncrypter, guardMuxer, guardTransport, type GuardComponents } from './libp2p-guard.ts'

/** The options of `@libp2p/yamux` that are set. */
export interface YamuxOptions {
  readonly maxInboundStreams: number
  readonly streamOptions: { readonly maxStreamWindowSize: number }
}

/** The parts of a libp2p node that {@link smartRecordLibp2pDefaults} configures and guards. */
export interface SmartRecordLibp2pStack<T, E, M> {
  /** such as `[tcp(), webSockets()]` */
  readonly transports: ReadonlyArray<(components: T) => Transport>
  /** such as `[noise()]` */
  readonly connectionEncrypters: ReadonlyArray<(components: E) => ConnectionEncrypter>
  /** `yamux` of `@libp2p/yamux`; it is called with the options it needs */
  readonly yamux: (options: YamuxOptions) => (components: M) => StreamMuxerFactory
}

/** Options of `createLibp2p`. */
export interface SmartRecordLibp2pDefaults<T, E, M> {
  transports: Array<(components: T & GuardComponents) => Transport>
  connectionEncrypters: Array<(components: E & GuardComponents) => ConnectionEncrypter>
  streamMuxers: Array<(components: M & GuardComponents) => StreamMuxerFactory>
  connectionManager: {
    maxConnections: number
    inboundConnectionThreshold: number
    maxIncomingPendingConnections: number
    inboundUpgradeTimeout: number
  }
}

/**
 * Largest window of a stream, bytes: the initial one, the smallest that yamux allows. Left alone it grows to 16 MiB, more
 * than libp2p holds of a stream that is not read, 4 MiB, at which it resets the stream.
 */
const WINDOW_BYTES = 256 * 1024

/** Streams that a peer may have open on one connection, of all protocols. yamux looks for a stream by going through all of them; its default is 1,000. */
const STREAMS_PER_CONNECTION = 64

/** Connections in all; libp2p's default. `smartRecordServer` closes idle ones from 80 % of it. */
const MAX_CONNECTIONS = 300

/**
 * New connections from one IP address in a second. libp2p's default is 5: the sixth of some programs behind one router is
 * refused then. A handshake takes about 3 ms, so 100 of them leave two thirds of a processor.
 */
const CONNECTIONS_PER_SECOND = 100

/** Connections whose handshake is under way; libp2p's default is 10, which as many silent sockets hold for 10 s. */
const PENDING_CONNECTIONS = 100

/** How long a handshake may take, ms; libp2p's default is 10,000. */
const UPGRADE_TIMEOUT_MS = 5000

/** Largest WebSocket message, bytes. A peer sends Noise messages, of at most 64 KiB and 2 bytes; some send a few at once. */
const WEBSOCKET_MESSAGE_BYTES = 1024 * 1024

/** Functions that make a part of a node of its components. */
const factories: Check = listOf(func, { min: 1 })

/**
 * Options of `createLibp2p` for servers and clients: windows, numbers of connections and streams, and a guard around the
 * parts of libp2p that handle bytes before a protocol does.
 *
 * The guard ends a stream or a connection whose first bytes cannot be a multistream-select negotiation, limits WebSocket
 * messages to 1 MiB, and lets TCP connections take turns with what they receive.
 *
 * @throws ConfigError for an unknown or invalid option, and for `yamux()` in place of `yamux`
 * @example
 * ```ts
 * import { noise } from '@libp2p/noise'
 * import { tcp } from '@libp2p/tcp'
 * import { yamux } from '@libp2p/yamux'
 * import { smartRecordLibp2pDefaults } from '@sr/protocol/libp2p'
 * import { createLibp2p } from 'libp2p'
 *
 * const stack = smartRecordLibp2pDefaults({ transports: [tcp()], connectionEncrypters: [noise()], yamux })
 * const node = await createLibp2p({ ...stack, addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] } })
 * console.log(stack.connectionManager.inboundConnectionThreshold) // 100
 * await node.stop()
 * ```
 */
export function smartRecordLibp2pDefaults<T, E, M>(
  stack: SmartRecordLibp2pStack<T, E, M>,
): SmartRecordLibp2pDefaults<T, E, M> {
  checkConfig<SmartRecordLibp2pStack<T, E, M>>('smartRecordLibp2pDefaults', stack, {
    transports: factories,
    connectionEncrypters: factories,
    yamux: func,
  })
  const { transports, connectionEncrypters, yamux } = stack
  const options = { turns: new FairScheduler(), maxMessageBytes: WEBSOCKET_MESSAGE_BYTES }
  const muxer = yamux({
    maxInboundStreams: STREAMS_PER_CONNECTION,
    streamOptions: { maxStreamWindowSize: WINDOW_BYTES },
  })
  if (typeof muxer !== 'function') {
    const expected = '`yamux` of @libp2p/yamux itself, which is called with the options it needs'
    throw new ConfigError('CONFIG_TYPE', { of: 'smartRecordLibp2pDefaults', field: 'yamux', expected, got: yamux })
  }
  return {
    transports: transports.map((transport) => guardTransport(transport, options)),
    connectionEncrypters: connectionEncrypters.map((encrypter) => guardEncrypter(encrypter)),
    streamMuxers: [guardMuxer(muxer)],
    connectionManager: {
      maxConnections: MAX_CONNECTIONS,
      inboundConnectionThreshold: CONNECTIONS_PER_SECOND,
      maxIncomingPendingConnections: PENDING_CONNECTIONS,
      inboundUpgradeTimeout: UPGRADE_TIMEOUT_MS,
    },
  }
}
