import type { Connection, Stream } from '@libp2p/interface'

/** A stream that is served. */
export interface Session {
  readonly peer: string
  readonly stream: Stream
  readonly connection: Connection
  /** when bytes arrived or a request began last, in steady time, milliseconds */
  activeAt: number
  /** aborts when the server stops. One for each: to remove a listener takes time by the number of listeners */
  readonly stopping: AbortController
  /** aborts when a delay by the request rate is of no use any more: the server stops, or the stream is closed */
  readonly hurry: AbortController
  /** resolves when it is over; never rejects */
  done: Promise<void>
}

/** The streams that are served, by peer. */
export class SessionTable {
  readonly #peers = new Map<string, Set<Session>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Streams of a peer. */
  count(peer: string): number {
    return this.#peers.get(peer)?.size ?? 0
  }

  add(session: Session): void {
    const sessions = this.#peers.get(session.peer) ?? new Set<Session>()
    this.#peers.set(session.peer, sessions.add(session))
    this.#size++
  }

  delete(session: Session): void {
    const sessions = this.#peers.get(session.peer)
    if (sessions?.delete(session) === true) {
      this.#size--
      if (sessions.size === 0) {
        this.#peers.delete(session.peer)
      }
    }
  }

  /**
   * The stream to end for a new one of `newcomer`: that of the peer with most streams which has been idle for longest;
   * its own when no peer has more. Linear in the peers and in the streams of that one.
   */
  leastNeeded(newcomer: string): Session | undefined {
    let most = this.#peers.get(newcomer) ?? new Set<Session>()
    for (const sessions of this.#peers.values()) {
      if (sessions.size > most.size) {
        most = sessions
      }
    }
    let longest: Session | undefined
    for (const session of most) {
      if (longest === undefined || session.activeAt < longest.activeAt) {
        longest = session
      }
    }
    return longest
  }

  *[Symbol.iterator](): Iterator<Session> {
    for (const sessions of this.#peers.values()) {
      yield* sessions
    }
  }
}
