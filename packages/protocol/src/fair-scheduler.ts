import { checkConfig, func, number, optional } from '@sr/runtime'
import { afterIo, afterMicrotasks } from './event-loop.ts'
import { MAX_BATCH_MS } from './limits.ts'

/** What a {@link FairScheduler} may be given: the clock and the event loop, for tests. */
export interface FairSchedulerInit {
  /** work between two looks at I/O, milliseconds; default 5 */
  readonly batchMs?: number
  /** steady time, milliseconds; default: that of the process */
  readonly now?: () => number
  /** runs a function when all microtasks have run; default: `process.nextTick`, or the next task */
  readonly afterMicrotasks?: (run: () => void) => void
  /** runs a function after the event loop has handled I/O that is ready; default: `setImmediate`, or the next task */
  readonly afterIo?: (run: () => void) => void
}

/** Where a turn stands among the waiting turns of its peer. */
export type TurnKind =
  /** begins work: streams of one peer take turns */
  | 'next'
  /** goes on with work that has begun: before the other streams of its peer, so that less work is half done, in memory */
  | 'rest'

/** What is known of one peer. */
interface Peer {
  /** time that its turns have taken, milliseconds; only differences between peers matter */
  served: number
  /** turns that go on with begun work */
  readonly rests: Array<() => void>
  /** turns that begin work, by stream; the stream that comes first in the Map is next */
  readonly streams: Map<object, Array<() => void>>
}

/**
 * Lead of a peer that had no turn waiting over the peer that has been served least, milliseconds. Without it a peer that
 * asks now and then would, after each of its turns, wait for a turn of every other peer. Two batches: a few requests.
 */
const LEAD_MS = 2 * MAX_BATCH_MS

/**
 * Lead of a peer whose next turn begins work over one whose next turn goes on with begun work, milliseconds: a short
 * request does not wait for a slice of each long one. A peer with short requests alone is that far ahead at most.
 */
const SHORT_LEAD_MS = 2 * MAX_BATCH_MS

/** Peers without waiting turns that are remembered before those that have no lead are forgotten for the first time. */
const FIRST_SWEEP = 256

/**
 * Shares the event loop between all streams of a server, by peer and not by stream. The next turn goes to the peer whose
 * turns have taken least time; with turns of equal length that is a round robin of peers. Within a peer it goes to its
 * streams in rotation. Work that has begun yields to work that begins, up to 10 ms. After `batchMs` of work, in however many turns, the event loop handles I/O before the next turn.
 *
 * A peer that had no turn waiting is placed 10 ms ahead of the peer that has been served least, and no more: a peer that
 * uses less than its share does not wait for those that use more, and none saves up a share by being idle.
 *
 * Finding the next peer is linear in the peers that wait, at most as many as there are connections.
 *
 * @example
 * ```ts
 * import { FairScheduler } from '@sr/protocol'
 *
 * const scheduler = new FairScheduler()
 * const order: string[] = []
 * const work = async (peer: string, stream: object): Promise<void> => {
 *   await scheduler.turn(peer, stream)
 *   order.push(peer)
 * }
 * await Promise.all([work('ann', {}), work('ann', {}), work('ann', {}), work('bob', {})])
 * console.log(order.indexOf('bob') < 3) // true
 * ```
 */
export class FairScheduler {
  readonly #batchMs: number
  readonly #now: () => number
  readonly #afterMicrotasks: (run: () => void) => void
  readonly #afterIo: (run: () => void) => void
  readonly #waiting = new Map<string, Peer>()
  readonly #resting = new Map<string, Peer>()
  /** the most that a chosen peer had been served: about the least of the peers that always wait */
  #floor = 0
  #sweepAt = FIRST_SWEEP
  /** the peer whose turn it is, and since when */
  #current: Peer | undefined
  #since = 0
  /** work since I/O was handled, milliseconds */
  #spent = 0
  #stepping = false
  #ioPending = false

  /** @throws ConfigError for an unknown or invalid option */
  constructor(init: FairSchedulerInit = {}) {
    checkConfig<FairSchedulerInit>('FairScheduler', init, {
      batchMs: optional(number({ min: 0, above: true })),
      now: optional(func),
      afterMicrotasks: optional(func),
      afterIo: optional(func),
    })
    this.#batchMs = init.batchMs ?? MAX_BATCH_MS
    this.#now = init.now ?? (() => performance.now())
    this.#afterMicrotasks = init.afterMicrotasks ?? afterMicrotasks
    this.#afterIo = init.afterIo ?? afterIo
  }

  /** Peers that are remembered. */
  get size(): number {
    return this.#waiting.size + this.#resting.size
  }

  /**
   * Resolves when it is the turn of a stream. The turn lasts until the code behind it waits for something else than a promise that is
   * settled. Undefined when no turn waits or runs: it is the stream's turn at once.
   */
  turn(peer: string, stream: object, kind: TurnKind = 'next'): Promise<void> | undefined {
    const isFree = !this.#stepping && this.#waiting.size === 0 && this.#spent < this.#batchMs
    const entry = this.#waitingPeer(peer)
    if (isFree) {
      this.#waiting.delete(peer)
      this.#begin(peer, entry)
      return undefined
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    if (kind === 'rest') {
      entry.rests.push(resolve)
    } else {
      const turns = entry.streams.get(stream)
      if (turns === undefined) {
        entry.streams.set(stream, [resolve])
      } else {
        turns.push(resolve)
      }
    }
    this.#wake()
    return promise
  }

  /** Begins a turn of a peer, which is not among those that wait. */
  #begin(id: string, peer: Peer): void {
    this.#rest(id, peer)
    this.#floor = Math.max(this.#floor, peer.served)
    this.#current = peer
    this.#since = this.#now()
    this.#stepping = true
    // queued behind the turn's own first microtask, so that the step comes after all that the turn does
    queueMicrotask(() => {
      this.#afterMicrotasks(this.#step)
    })
  }

  #waitingPeer(id: string): Peer {
    const waiting = this.#waiting.get(id)
    if (waiting !== undefined) {
      return waiting
    }
    const resting = this.#resting.get(id)
    const least = this.#floor - LEAD_MS
    const peer: Peer = resting ?? { served: least, rests: [], streams: new Map() }
    peer.served = Math.max(peer.served, least)
    this.#resting.delete(id)
    this.#waiting.set(id, peer)
    return peer
  }

  #wake(): void {
    if (!this.#stepping && this.#spent < this.#batchMs) {
      this.#stepping = true
      this.#afterMicrotasks(this.#step)
    }
  }

  /** Ends the turn that ran, and starts the next one. */
  readonly #step = (): void => {
    if (this.#current !== undefined) {
      this.#charge(this.#current, this.#now() - this.#since)
      this.#current = undefined
    }
    const run = this.#spent < this.#batchMs ? this.#next() : undefined
    if (run === undefined) {
      this.#stepping = false
      return
    }
    this.#since = this.#now()
    run()
    // queued behind the turn's own first microtask, so that the step comes after all that the turn does
    queueMicrotask(() => {
      this.#afterMicrotasks(this.#step)
    })
  }

  #charge(peer: Peer, ms: number): void {
    peer.served += ms
    this.#spent += ms
    if (!this.#ioPending) {
      this.#ioPending = true
      this.#afterIo(() => {
        this.#ioPending = false
        this.#spent = 0
        if (this.#waiting.size > 0) {
          this.#wake()
        }
      })
    }
  }

  /** Takes the next turn out of the queue; undefined when none waits. */
  #next(): (() => void) | undefined {
    let least: [string, Peer] | undefined
    let rank = Infinity
    for (const entry of this.#waiting) {
      const { served, rests } = entry[1]
      const own = rests.length > 0 ? served + SHORT_LEAD_MS : served
      if (own < rank) {
        least = entry
        rank = own
      }
    }
    if (least === undefined) {
      return undefined
    }
    const [id, peer] = least
    this.#floor = Math.max(this.#floor, peer.served)
    this.#current = peer
    // behind the peers that have been served as much
    this.#waiting.delete(id)
    const run = peer.rests.shift() ?? nextOfStreams(peer.streams)
    if (peer.rests.length > 0 || peer.streams.size > 0) {
      this.#waiting.set(id, peer)
    } else {
      this.#rest(id, peer)
    }
    return run
  }

  /** Remembers how much a peer was served. Forgets peers without a lead, each time the number of peers has doubled. */
  #rest(id: string, peer: Peer): void {
    this.#resting.set(id, peer)
    if (this.#resting.size < this.#sweepAt) {
      return
    }
    for (const [other, { served }] of this.#resting) {
      if (served <= this.#floor - LEAD_MS && other !== id) {
        this.#resting.delete(other)
      }
    }
    this.#sweepAt = Math.max(FIRST_SWEEP, 2 * this.#resting.size)
  }
}

/** The first turn of the first stream; the stream goes behind the others. */
function nextOfStreams(streams: Map<object, Array<() => void>>): (() => void) | undefined {
  for (const [stream, turns] of streams) {
    const run = turns.shift()
    streams.delete(stream)
    if (turns.length > 0) {
      streams.set(stream, turns)
    }
    return run
  }
  return undefined
}
