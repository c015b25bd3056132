/** Repeatable chance: sfc32 (http://pracrand.sourceforge.net/RNG_engines.txt), seeded by a string. */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter: number

  constructor(seed: string) {
    // FNV-1a over the seed, three times from other beginnings
    const hash = (from: number): number => {
      let value = from
      for (let i = 0; i < seed.length; i++) value = Math.imul(value ^ seed.charCodeAt(i), 0x01000193)
      return value
    }
    this.#a = hash(0x811c9dc5)
    this.#b = hash(0x9e3779b9)
    this.#c = hash(0x85ebca6b)
    this.#counter = 1
    for (let i = 0; i < 12; i++) this.bits()
  }

  /** 32 random bits, as a number from 0. */
  bits(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** A whole number from 0 to below `end`; 0 when there is none. */
  below(end: number): number {
    return end <= 1 ? 0 : Math.floor((this.bits() / 0x100000000) * end)
  }

  /** A whole number from `from` to `to`, both counted, small ones more often. */
  small(from: number, to: number): number {
    return from + this.below(1 + this.below(to - from + 1))
  }

  /** True once in so many times. */
  once(times: number): boolean {
    return this.below(times) === 0
  }

  pick<T>(of: readonly T[]): T {
    return of[this.below(of.length)] as T
  }
}
