const MINUTE_MS = 60_000

/** What may still be spent, and when that was so. */
interface Bucket {
  tokens: number
  at: number
}

/** How many outside effects may be begun: in all, and for each writer. Each allowance fills evenly over a minute. */
export class EffectRate {
  readonly #all: number
  readonly #each: number
  readonly #total: Bucket
  readonly #writers = new Map<string, Bucket>()

  /** `all` and `each` in a minute; `now` is steady time, milliseconds. */
  constructor(all: number, each: number, now: number) {
    this.#all = all
    this.#each = each
    this.#total = { tokens: all, at: now }
  }

  /** Takes one of both allowances, or none. */
  take(writer: string, now: number): boolean {
    const own = this.#writers.get(writer) ?? { tokens: this.#each, at: now }
    fill(own, this.#each, now)
    fill(this.#total, this.#all, now)
    if (own.tokens < 1 || this.#total.tokens < 1) {
      return false
    }
    own.tokens--
    this.#total.tokens--
    this.#writers.set(writer, own)
    this.#forget(now)
    return true
  }

  /** Writers whose allowance is full again need no memory; each call takes out as many as can have come in. */
  #forget(now: number): void {
    let looked = 0
    for (const [writer, bucket] of this.#writers) {
      if (++looked > 2) {
        return
      }
      this.#writers.delete(writer)
      if (now - bucket.at < MINUTE_MS) {
        this.#writers.set(writer, bucket)
      }
    }
  }
}

function fill(bucket: Bucket, most: number, now: number): void {
  bucket.tokens = Math.min(most, bucket.tokens + ((now - bucket.at) * most) / MINUTE_MS)
  bucket.at = now
}
