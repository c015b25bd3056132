import { ProtocolError, type RequestKind } from '@sr/protocol'
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

/** The defaults. */
export const RATES: RateLimits = { updatesPerSecond: 50, updatesBurst: 100, readsPerSecond: 200, readsBurst: 400 }

/** Longest delay of a request, milliseconds. A client gives up after 20,000. */
const MAX_DELAY_MS = 5000

/** Peers remembered before idle ones are forgotten for the first time. */
const FIRST_SWEEP = 256

/** The request rates of one peer, shared by its streams. */
class PeerRate {
  readonly #buckets: Readonly<Record<RequestKind, TokenBucket>>

  constructor(limits: RateLimits, now: () => number) {
    this.#buckets = {
      update: new TokenBucket({ perSecond: limits.updatesPerSecond, burst: limits.updatesBurst, now }),
      read: new TokenBucket({ perSecond: limits.readsPerSecond, burst: limits.readsBurst, now }),
    }
  }

  /** Whether it equals one made now. */
  get full(): boolean {
    return this.#buckets.update.full && this.#buckets.read.full
  }

  take(kind: RequestKind): number {
    const wait = this.#buckets[kind].take(MAX_DELAY_MS)
    if (wait > MAX_DELAY_MS) {
      const message = `a request would be delayed by ${Math.ceil(wait)} ms, the limit is ${MAX_DELAY_MS} ms`
      const waitMs = Math.ceil(wait)
      throw new ProtocolError('PROTOCOL_RATE', message, { limit: 'delay', max: MAX_DELAY_MS, got: waitMs, waitMs })
    }
    return wait
  }
}

/** Limits the request rate of each peer, over all its streams. */
export class RateLimiter {
  readonly #limits: RateLimits
  readonly #now: () => number
  readonly #rates = new Map<string, PeerRate>()
  #sweepAt = FIRST_SWEEP

  /**
   * @param now steady time, milliseconds
   * @throws RangeError for a rate that is not above zero or a burst below one
   */
  constructor(limits: RateLimits, now: () => number) {
    this.#limits = limits
    this.#now = now
    new PeerRate(limits, now) // validates the limits
  }

  /** Peers that are remembered. */
  get size(): number {
    return this.#rates.size
  }

  /**
   * Counts a request of a peer; returns for how many milliseconds it must be delayed.
   *
   * @throws ProtocolError `PROTOCOL_RATE` when that would be more than 5,000; the request is not counted then
   */
  take(peer: string, kind: RequestKind): number {
    let rate = this.#rates.get(peer)
    if (rate === undefined) {
      this.#sweep()
      rate = new PeerRate(this.#limits, this.#now)
      this.#rates.set(peer, rate)
    }
    return rate.take(kind)
  }

  /** Forgets peers that made no request lately, each time the number of peers has doubled. */
  #sweep(): void {
    if (this.#rates.size < this.#sweepAt) {
      return
    }
    for (const [peer, rate] of this.#rates) {
      if (rate.full) {
        this.#rates.delete(peer)
      }
    }
    this.#sweepAt = Math.max(FIRST_SWEEP, 2 * this.#rates.size)
  }
}
