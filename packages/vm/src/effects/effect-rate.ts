const MINUTE_MS = 60_000

/** A token bucket: what is left, and since when. */
interface Bucket {
  tokens: number
  at: number
}

/** Limits how many external effects start per minute: in all, and per writer. Each bucket refills evenly over a minute. */
export class EffectRate {
  readonly #perMinute: number
  readonly #perWriter: number
  readonly #total: Bucket
  readonly #writers = new Map<string, Bucket>()

  /** `now` is monotonic time, milliseconds. */
  constructor(perMinute: number, perWriter: number, now: number) {
    this.#perMinute = perMinute
    this.#perWriter = perWriter
    this.#total = { tokens: perMinute, at: now }
  }

  /** Takes a token from both buckets, or from neither; returns whether it did. */
  take(writer: string, now: number): boolean {
    const own = this.#writers.get(writer) ?? { tokens: this.#perWriter, at: now }
    refill(own, this.#perWriter, now)
    refill(this.#total, this.#perMinute, now)
    if (own.tokens < 1 || this.#total.tokens < 1) {
      return false
    }
    own.tokens--
    this.#total.tokens--
    this.#writers.set(writer, own)
    // a bucket that was not used for a minute is full: a new one is the same. At most two minutes' takers are here
    for (const [name, { at }] of this.#writers) {
      if (now - at >= MINUTE_MS) {
        this.#writers.delete(name)
      }
    }
    return true
  }
}

function refill(bucket: Bucket, max: number, now: number): void {
  bucket.tokens = Math.min(max, bucket.tokens + ((now - bucket.at) * max) / MINUTE_MS)
  bucket.at = now
}
