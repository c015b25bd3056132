import { TtlExpiry, type LiveUpdate } from './state.ts'

/**
 * The expiries that one update sets by `$ttl`. All are added while the update is applied, and one that is no longer
 * pending never becomes pending again; so a search for the first pending one continues where the last one stopped.
 */
export class TtlExpiries {
  readonly #update: LiveUpdate
  readonly #expiries: TtlExpiry[] = []
  /** set while the update is being applied */
  #byExpiry: Map<number, TtlExpiry> | undefined = new Map()
  /** nothing before this index is pending */
  #first = 0

  constructor(update: LiveUpdate) {
    this.#update = update
  }

  /** Returns the expiry that ends at `expires`, created if needed. */
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

  /** Returns the first pending end after `now`, or Infinity. */
  next(now: number): number {
    const expiries = this.#sorted()
    let at = this.#first
    if (at < expiries.length && (expiries[at] as TtlExpiry).expires <= now) {
      at = firstAfter(expiries, now)
    }
    while (at < expiries.length && (expiries[at] as TtlExpiry).pending === 0) {
      at++
    }
    return expiries[at]?.expires ?? Infinity
  }

  /** Returns the pending expiries that end at `now` or earlier. */
  *ended(now: number): IterableIterator<TtlExpiry> {
    const expiries = this.#sorted()
    for (let at = this.#first; at < expiries.length && (expiries[at] as TtlExpiry).expires <= now; at++) {
      const expiry = expiries[at] as TtlExpiry
      if (expiry.pending > 0) {
        yield expiry
      }
    }
  }

  /** Sorts by end if needed and skips leading expiries that are not pending. */
  #sorted(): readonly TtlExpiry[] {
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

/** Returns the index of the first expiry that ends after `now`. */
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
