import type { Connection, Libp2pEvents, PeerId, TypedEventTarget } from '@libp2p/interface'
import { after } from '@sr/runtime'

/** The part of libp2p that knows the connections. */
export interface ConnectionSource {
  readonly connectionManager: {
    getConnections(peer?: PeerId): Connection[]
    getMaxConnections(): number
  }
  readonly events: Pick<TypedEventTarget<Libp2pEvents>, 'addEventListener' | 'removeEventListener'>
}

/** What a {@link ConnectionLimiter} does beyond closing. */
export interface ConnectionLimiterInit {
  /** connections of one peer */
  readonly perPeer: number
  /** part of libp2p's `maxConnections` from which idle connections are closed, 0 to 1 */
  readonly idleFrom: number
  /** steady time, milliseconds */
  readonly now: () => number
  readonly count: (name: string) => void
}

/** How long a connection may be without a stream when connections are scarce, milliseconds: a client opens its first after a round trip. */
const IDLE_MS = 2000

/** How often connections are counted, milliseconds: while the table is full, libp2p refuses new ones without an event. */
const CHECK_MS = 1000

/**
 * Keeps room in libp2p's table of connections, which refuses new ones when it is full and never ends one: closes inbound
 * connections of a peer above a number, and those without streams when the table is nearly full. Those of the peer
 * with most connections go first, and of these the ones idle for longest.
 */
export class ConnectionLimiter {
  readonly #source: ConnectionSource
  readonly #init: ConnectionLimiterInit
  /** since when a connection has had no stream, steady time */
  readonly #idleSince = new WeakMap<Connection, number>()
  #cancel: (() => void) | undefined

  constructor(source: ConnectionSource, init: ConnectionLimiterInit) {
    this.#source = source
    this.#init = init
  }

  start(): void {
    this.#source.events.addEventListener('connection:open', this.#onOpen)
    this.#check()
  }

  stop(): void {
    this.#source.events.removeEventListener('connection:open', this.#onOpen)
    this.#cancel?.()
  }

  readonly #check = (): void => {
    this.#closeIdle()
    this.#cancel = after(CHECK_MS, this.#check, { keepAlive: false })
  }

  readonly #onOpen = ({ detail: connection }: CustomEvent<Connection>): void => {
    const { connectionManager } = this.#source
    // libp2p may not have added it yet
    const ofPeer = new Set([...connectionManager.getConnections(connection.remotePeer), connection])
    const inbound = [...ofPeer].filter(isInbound)
    if (inbound.length > this.#init.perPeer) {
      // the oldest of those with fewest streams; the client that opened the new one is about to use it
      const [spare] = inbound
        .filter((other) => other !== connection)
        .sort((a, b) => a.streams.length - b.streams.length || a.timeline.open - b.timeline.open)
      this.#close(spare ?? connection, 'connections.abovePerPeer')
    }
    this.#closeIdle()
  }

  #closeIdle(): void {
    const { connectionManager } = this.#source
    const now = this.#init.now()
    const connections = connectionManager.getConnections()
    const counts = new Map<string, number>()
    const idle: Connection[] = []
    for (const connection of connections) {
      const peer = connection.remotePeer.toString()
      counts.set(peer, (counts.get(peer) ?? 0) + 1)
      if (connection.streams.length > 0) {
        this.#idleSince.delete(connection)
      } else if (now - this.#sinceOf(connection, now) >= IDLE_MS && isInbound(connection)) {
        idle.push(connection)
      }
    }
    const surplus = connections.length - Math.floor(this.#init.idleFrom * connectionManager.getMaxConnections())
    if (surplus <= 0) {
      return
    }
    const countOf = (connection: Connection): number => counts.get(connection.remotePeer.toString()) ?? 0
    idle.sort((a, b) => countOf(b) - countOf(a) || this.#sinceOf(a, now) - this.#sinceOf(b, now))
    for (const connection of idle.slice(0, surplus)) {
      this.#close(connection, 'connections.idle')
    }
  }

  #sinceOf(connection: Connection, now: number): number {
    const since = this.#idleSince.get(connection) ?? now
    this.#idleSince.set(connection, since)
    return since
  }

  #close(connection: Connection, counter: string): void {
    this.#init.count(counter)
    connection.close().catch((err: unknown) => {
      connection.abort(err instanceof Error ? err : new Error('a connection could not be closed', { cause: err }))
    })
  }
}

function isInbound({ direction, status }: Connection): boolean {
  return direction === 'inbound' && status === 'open'
}
