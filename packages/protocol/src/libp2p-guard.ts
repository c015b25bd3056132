import type {
  ConnectionEncrypter,
  MessageStream,
  MultiaddrConnection,
  StreamMuxerFactory,
  Transport,
  Upgrader,
} from '@libp2p/interface'
import { ProtocolError } from './errors.ts'
import type { FairScheduler } from './fair-scheduler.ts'
import { Negotiation } from './negotiation.ts'

/** What the guard asks libp2p for. */
export interface GuardComponents {
  readonly registrar: { getProtocols(): string[] }
  readonly upgrader: {
    getConnectionEncrypters(): ReadonlyMap<string, unknown>
    getStreamMuxers(): ReadonlyMap<string, unknown>
  }
}

type Bytes = Uint8Array | Iterable<Uint8Array>

/** The methods of the streams and connections of `@libp2p/utils` by which bytes arrive, and are held back. */
interface Receiver {
  onData?(data: Bytes): void
  onTransportClosed?(err?: Error): void
  sendPause?(): void
  sendResume?(): void
}

/** Most bytes of a connection that are handled in one turn: small frames cost 10 µs each, 26 bytes of them on the wire. */
const TURN_BYTES = 8 * 1024

/** A Uint8Array of another realm is one as well. */
function chunksOf(data: Bytes): Iterable<Uint8Array> {
  return ArrayBuffer.isView(data) ? [data] : data
}

/** Ends a stream or a connection whose first bytes cannot be a negotiation. */
function guardNegotiation(stream: MessageStream, negotiation: Negotiation): void {
  const receiver = stream as MessageStream & Receiver
  const receive = receiver.onData
  if (receive === undefined) {
    return
  }
  receiver.onData = (data) => {
    for (const chunk of chunksOf(data)) {
      const state = negotiation.take(chunk)
      if (state === 'done') {
        receiver.onData = receive
        break
      }
      if (state !== 'open') {
        stream.abort(state)
        return
      }
    }
    receive.call(receiver, data)
  }
}

/**
 * Lets connections take turns with what they receive, before it is decrypted. A socket has up to 64 KiB ready at a time;
 * of small frames that is 25 ms of work, and the event loop reads all sockets that are ready in one go.
 */
function shareEventLoop(connection: MultiaddrConnection, turns: FairScheduler): void {
  const receiver = connection as MultiaddrConnection & Receiver
  const { onData: receive, onTransportClosed: closed } = receiver
  // a WebSocket cannot be held back, so what it receives must not wait
  if (receive === undefined || closed === undefined || 'websocket' in connection) {
    return
  }
  const waiting: Uint8Array[] = []
  const id = String(++connections)
  let guarded = receive
  const deliver = (): void => {
    const next = waiting.shift()
    if (next !== undefined) {
      guarded.call(receiver, next)
    }
  }
  const work = async (): Promise<void> => {
    receiver.sendPause?.()
    while (waiting.length > 0) {
      await turns.turn(id, connection)
      deliver()
    }
    if (connection.status === 'open') {
      receiver.sendResume?.()
    }
  }
  const enqueue = (data: Bytes): void => {
    const idle = waiting.length === 0
    for (const chunk of chunksOf(data)) {
      for (let at = 0; at < chunk.length; at += TURN_BYTES) {
        waiting.push(chunk.subarray(at, at + TURN_BYTES))
      }
    }
    if (idle) {
      work().catch((cause: unknown) => {
        connection.abort(new ProtocolError('PROTOCOL_INTERNAL', 'received bytes could not be handled', { cause }))
      })
    }
  }
  Object.defineProperty(receiver, 'onData', {
    get: () => enqueue,
    // the guard of the negotiation comes and goes behind the queue
    set: (value: typeof receive) => {
      guarded = value
    },
  })
  receiver.onTransportClosed = (err) => {
    while (waiting.length > 0) {
      deliver()
    }
    closed.call(receiver, err)
  }
}

/**
 * Ends a WebSocket that sends no valid frame. `ws` emits an error then, which `@libp2p/websockets` does not listen to: in
 * Node that ends the process.
 */
function guardWebSocket(connection: MultiaddrConnection): void {
  const { websocket } = connection as { websocket?: { on?(name: 'error', listener: (err: Error) => void): void } }
  websocket?.on?.('error', (err) => {
    connection.abort(err)
  })
}

let connections = 0

/** Guards the connections of a transport; limits the messages of WebSockets. */
export function guardTransport<C>(
  create: (components: C) => Transport,
  { turns, maxMessageBytes }: { readonly turns: FairScheduler; readonly maxMessageBytes: number },
): (components: C & GuardComponents) => Transport {
  return (components) => {
    const transport = create(components)
    const encrypters = (): Iterable<string> => components.upgrader.getConnectionEncrypters().keys()
    const guarded = (upgrader: Upgrader): Upgrader =>
      Object.create(upgrader, {
        upgradeInbound: {
          value: async (...[connection, options]: Parameters<Upgrader['upgradeInbound']>) => {
            guardWebSocket(connection)
            guardNegotiation(connection, Negotiation.inbound(encrypters))
            shareEventLoop(connection, turns)
            await upgrader.upgradeInbound(connection, options)
          },
        },
        upgradeOutbound: {
          value: async (...[connection, options]: Parameters<Upgrader['upgradeOutbound']>) => {
            guardWebSocket(connection)
            const offered = (options as { initiator?: boolean } | undefined)?.initiator === false
            guardNegotiation(connection, offered ? Negotiation.inbound(encrypters) : Negotiation.outbound())
            return await upgrader.upgradeOutbound(connection, options)
          },
        },
      }) as Upgrader
    const { dial, createListener } = transport
    transport.dial = async (address, options) =>
      await dial.call(transport, address, { ...options, upgrader: guarded(options.upgrader) })
    transport.createListener = (options) => {
      const listener = createListener.call(transport, { ...options, upgrader: guarded(options.upgrader) })
      // `@libp2p/websockets` has no option for it, and `ws` takes messages of 100 MiB before any authentication
      const { wsServer } = listener as { wsServer?: { options?: { maxPayload?: number } } }
      if (wsServer?.options !== undefined) {
        wsServer.options.maxPayload = maxMessageBytes
      }
      return listener
    }
    return transport
  }
}

/** Guards the negotiation of the muxer on encrypted connections. */
export function guardEncrypter<C>(
  create: (components: C) => ConnectionEncrypter,
): (components: C & GuardComponents) => ConnectionEncrypter {
  return (components) => {
    const encrypter = create(components)
    const { secureInbound, secureOutbound } = encrypter
    const muxers = (): Iterable<string> => components.upgrader.getStreamMuxers().keys()
    encrypter.secureInbound = async (connection, options) => {
      const secured = await secureInbound.call(encrypter, connection, options)
      if (secured.streamMuxer === undefined) {
        guardNegotiation(secured.connection, Negotiation.inbound(muxers))
      }
      return secured
    }
    encrypter.secureOutbound = async (connection, options) => {
      const secured = await secureOutbound.call(encrypter, connection, options)
      if (secured.streamMuxer === undefined) {
        guardNegotiation(secured.connection, Negotiation.outbound())
      }
      return secured
    }
    return encrypter
  }
}

/** Guards the negotiation of the protocol on streams. */
export function guardMuxer<C>(
  create: (components: C) => StreamMuxerFactory,
): (components: C & GuardComponents) => StreamMuxerFactory {
  return (components) => {
    const factory = create(components)
    const { createStreamMuxer } = factory
    factory.createStreamMuxer = (connection) => {
      const muxer = createStreamMuxer.call(factory, connection)
      const hooks = muxer as { onRemoteStream?(stream: MessageStream): void }
      const { onRemoteStream } = hooks
      if (onRemoteStream !== undefined) {
        hooks.onRemoteStream = (stream) => {
          guardNegotiation(
            stream,
            Negotiation.inbound(() => components.registrar.getProtocols()),
          )
          onRemoteStream.call(muxer, stream)
        }
      }
      const { createStream } = muxer
      muxer.createStream = async (options) => {
        const stream = await createStream.call(muxer, options)
        if (stream.protocol === '') {
          guardNegotiation(stream, Negotiation.outbound())
        }
        return stream
      }
      return muxer
    }
    return factory
  }
}
