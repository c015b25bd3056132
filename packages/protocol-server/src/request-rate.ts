import { ProtocolError } from '@sr/protocol'
import { TokenBucket } from './token-bucket.ts'

/** How many requests of one peer are answered in a second. `Infinity` for all of them. */
export interface RateLimits {
  /** UPDATEs of one peer in a second; default 50 */
  readonly updatesPerSecond: number
  /** UPDATEs of one peer at once, after a while of fewer; default 100 */
  readonly updatesBurst: number
  /** GETs and QUERYs of one peer in a second; default 200 */
  readonly readsPerSecond: number
  /** GETs and QUERYs of one peer at once, after a while of fewer; default 400 */
  readonly readsBurst: number
}

/** The defaults. HOSTILE N10. */
export const RATES: RateLimits = { updatesPerSecond: 50, updatesBurst: 100, readsPerSecond: 200, readsBurst: 400 }

/** Longest that a request waits for its turn, milliseconds. A client gives up after 20,000. */
const LONGEST_WAIT_MS = 5000

/** Peers remembered before the first look for those that need not be. */
const FIRST_SWEEP = 256

/** What is counted against one rate. */
export type RateKind = 'updates' | 'reads'

/** What a session asks how long a request has to wait, in milliseconds; it throws when that is too long. */
export interface RequestPace {
  take(kind: RateKind): number
}

/** The rates of one peer, shared by its streams. */
class RequestRate implements RequestPace {
  readonly #buckets: Readonly<Record<RateKind, TokenBucket>>

  constructor(limits: RateLimits, now: () => number) {
    this.#buckets = {
      updates: new TokenBucket({ perSecond: limits.updatesPerSecond, burst: limits.updatesBurst, now }),
      reads: new TokenBucket({ perSecond: limits.readsPerSecond, burst: limits.readsBurst, now }),
    }
  }

  /** Whether it knows nothing that one made now would not. */
  get full(): boolean {
    return this.#buckets.updates.full && this.#buckets.reads.full
  }

  /**
   * Milliseconds that a request has to wait for its turn.
   *
   * @throws ProtocolError `PROTOCOL_BUSY` when they are too many, as with more streams than the rate is made for
   */
  take(kind: RateKind): number {
    const wait = this.#buckets[kind].take(LONGEST_WAIT_MS)
    if (wait > LONGEST_WAIT_MS) {
      throw new ProtocolError('PROTOCOL_BUSY', `too many ${kind} of one peer wait`, {
        limit: 'wait',
        max: LONGEST_WAIT_MS,
        got: Math.ceil(wait),
      })
    }
    return wait
  }
}

/**
 * The rates of all peers. A peer whose last stream has ended is remembered until its buckets are
 * full again, or else every new stream would bring a new burst.
 */
export class PeerRates {
  readonly #limits: RateLimits
  readonly #now: () => number
  readonly #rates: Map<string, RequestRate>
  #sweepAt: number

  constructor(limits: RateLimits, now: () => number) {
    this.#limits = limits
    this.#now = now
    this.#rates = new Map()
    this.#sweepAt = FIRST_SWEEP
    new RequestRate(limits, now) // what is no rate is refused now, and not with the first peer
  }

  /** Peers that are remembered. */
  get size(): number {
    return this.#rates.size
  }

  /** What the streams of a peer share. */
  of(peer: string): RequestPace {
    // looked up for each request: what a quiet stream held would be another's by then
    return { take: (kind) => this.#find(peer).take(kind) }
  }

  #find(peer: string): RequestRate {
    const known = this.#rates.get(peer)
    if (known !== undefined) {
      return known
    }
    if (this.#rates.size >= this.#sweepAt) {
      this.#sweep()
    }
    const rate = new RequestRate(this.#limits, this.#now)
    this.#rates.set(peer, rate)
    return rate
  }

  /** Forgets who has asked for nothing lately; again when there are twice as many as are left. */
  #sweep(): void {
    for (const [peer, rate] of this.#rates) {
      if (rate.full) {
        this.#rates.delete(peer)
      }
    }
    this.#sweepAt = Math.max(FIRST_SWEEP, 2 * this.#rates.size)
  }
}
