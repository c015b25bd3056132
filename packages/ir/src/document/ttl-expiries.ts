import { type LiveUpdate, TtlExpiry } from './state.ts'

/**
 * The lives that one update gives by `$ttl`. All are there before anybody asks what ends first, and
 * none that has ended, or was replaced wherever it stood, is ever waited for again: so what ends
 * first is found from where it was found the last time.
 */
export class TtlExpiries {
  readonly #update: LiveUpdate
  readonly #expiries: TtlExpiry[] = []
  /** there while the update is being applied */
  #byExpiry: Map<number, TtlExpiry> | undefined = new Map()
  /** nothing before this place is waited for any more */
  #first = 0

  constructor(update: LiveUpdate) {
    this.#update = update
  }

  /** The life that ends then. */
  at(expires: number): TtlExpiry {
    this.#byExpiry ??= new Map(this.#expiries.map((expiry) => [expiry.expires, expiry]))
    let expiry = this.#byExpiry.get(expires)
    if (expiry === undefined) {
      expiry = new TtlExpiry(this.#update, expires)
      this.#byExpiry.set(expires, expiry)
      this.#expiries.push(expiry)
    }
    return expiry
  }

  [Symbol.iterator](): IterableIterator<TtlExpiry> {
    return this.#expiries.values()
  }

  /** The first instant after `now` at which something ends that is waited for, or Infinity. */
  next(now: number): number {
    const expiries = this.#settled()
    let at = this.#first
    if (at < expiries.length && (expiries[at] as TtlExpiry).expires <= now) {
      at = firstAfter(expiries, now)
    }
    while (at < expiries.length && (expiries[at] as TtlExpiry).pending === 0) {
      at++
    }
    return expiries[at]?.expires ?? Infinity
  }

  /** Those that end at `now` or before, and are waited for. */
  *ended(now: number): IterableIterator<TtlExpiry> {
    const expiries = this.#settled()
    for (let at = this.#first; at < expiries.length && (expiries[at] as TtlExpiry).expires <= now; at++) {
      const expiry = expiries[at] as TtlExpiry
      if (expiry.pending > 0) {
        yield expiry
      }
    }
  }

  /** In the order of their ends, past those that nobody waits for. */
  #settled(): readonly TtlExpiry[] {
    const expiries = this.#expiries
    if (this.#byExpiry !== undefined) {
      this.#byExpiry = undefined
      expiries.sort((a, b) => a.expires - b.expires)
      this.#first = 0
    }
    while (this.#first < expiries.length && (expiries[this.#first] as TtlExpiry).pending === 0) {
      this.#first++
    }
    return expiries
  }
}

/** Where the first stands that ends after `now`. */
function firstAfter(expiries: readonly TtlExpiry[], now: number): number {
  let low = 0
  let high = expiries.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((expiries[middle] as TtlExpiry).expires <= now) {
      low = middle + 1
    } else {
      high = middle
    }
  }
  return low
}
