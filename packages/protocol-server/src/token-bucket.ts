/** What a bucket holds and how fast it fills. */
export interface BucketInit {
  /** tokens that come in a second; `Infinity` for as many as are asked for */
  readonly perSecond: number
  /** tokens that a full bucket holds; a new bucket is full */
  readonly burst: number
  /** steady time, milliseconds */
  readonly now: () => number
}

/** A token bucket that also grants tokens in advance: `take` returns how long to wait for the token. */
export class TokenBucket {
  readonly #perMs: number
  readonly #burst: number
  readonly #now: () => number
  /** tokens left; below zero: granted in advance */
  #tokens: number
  #at: number

  /** @throws RangeError for a rate that is not above zero or a burst below one */
  constructor({ perSecond, burst, now }: BucketInit) {
    if (!(perSecond > 0) || !(burst >= 1)) {
      throw new RangeError(`a rate is above zero and a burst at least one, not ${perSecond} and ${burst}`)
    }
    this.#perMs = perSecond / 1000
    this.#burst = burst
    this.#now = now
    this.#tokens = burst
    this.#at = now()
  }

  /** Whether nothing has been taken that has not come again: then it is as good as a new one. */
  get full(): boolean {
    this.#fill()
    return this.#tokens >= this.#burst
  }

  /**
   * Takes a token, and answers how many milliseconds there are until it is there, 0 when it is.
   * When that is more than `longest`, it takes none.
   */
  take(longest: number): number {
    if (this.#perMs === Infinity) {
      return 0
    }
    this.#fill()
    const wait = this.#tokens >= 1 ? 0 : (1 - this.#tokens) / this.#perMs
    if (wait <= longest) {
      this.#tokens--
    }
    return wait
  }

  #fill(): void {
    const now = this.#now()
    if (this.#perMs !== Infinity && this.#burst !== Infinity) {
      this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#at) * this.#perMs)
    }
    this.#at = now
  }
}
