import { OtherLife, type Held } from './life.ts'

/**
 * The lives that one update gives by `$ttl`. All are there before anybody asks what ends first, and
 * none that has ended, or was replaced wherever it stood, is ever waited for again: so what ends
 * first is found from where it was found the last time.
 */
export class TtlLives {
  readonly #held: Held
  readonly #lives: OtherLife[] = []
  /** there while the update is being applied */
  #byExpiry: Map<number, OtherLife> | undefined = new Map()
  /** nothing before this place is waited for any more */
  #first = 0

  constructor(held: Held) {
    this.#held = held
  }

  /** The life that ends then. */
  at(expires: number): OtherLife {
    this.#byExpiry ??= new Map(this.#lives.map((life) => [life.expires, life]))
    let life = this.#byExpiry.get(expires)
    if (life === undefined) {
      life = new OtherLife(this.#held, expires)
      this.#byExpiry.set(expires, life)
      this.#lives.push(life)
    }
    return life
  }

  [Symbol.iterator](): IterableIterator<OtherLife> {
    return this.#lives.values()
  }

  /** The first instant after `now` at which something ends that is waited for, or Infinity. */
  next(now: number): number {
    const lives = this.#settled()
    let at = this.#first
    if (at < lives.length && (lives[at] as OtherLife).expires <= now) {
      at = firstAfter(lives, now)
    }
    while (at < lives.length && (lives[at] as OtherLife).uses === 0) {
      at++
    }
    return lives[at]?.expires ?? Infinity
  }

  /** Those that end at `now` or before, and are waited for. */
  *ended(now: number): IterableIterator<OtherLife> {
    const lives = this.#settled()
    for (let at = this.#first; at < lives.length && (lives[at] as OtherLife).expires <= now; at++) {
      const life = lives[at] as OtherLife
      if (life.uses > 0) {
        yield life
      }
    }
  }

  /** In the order of their ends, past those that nobody waits for. */
  #settled(): readonly OtherLife[] {
    const lives = this.#lives
    if (this.#byExpiry !== undefined) {
      this.#byExpiry = undefined
      lives.sort((a, b) => a.expires - b.expires)
      this.#first = 0
    }
    while (this.#first < lives.length && (lives[this.#first] as OtherLife).uses === 0) {
      this.#first++
    }
    return lives
  }
}

/** Where the first stands that ends after `now`. */
function firstAfter(lives: readonly OtherLife[], now: number): number {
  let low = 0
  let high = lives.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((lives[middle] as OtherLife).expires <= now) {
      low = middle + 1
    } else {
      high = middle
    }
  }
  return low
}
