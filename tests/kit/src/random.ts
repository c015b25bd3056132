/** Numbers that follow from a seed, the same ones every time: sfc32, http://pracrand.sourceforge.net/RNG_engines.txt */
export class Random {
  #a: number
  #b: number
  #c: number
  #count = 1

  /** @param seed a whole number, or any text */
  constructor(seed: number | string) {
    if (typeof seed === 'number') {
      this.#a = seed | 0
      this.#b = Math.floor(seed / 2 ** 32) | 0
      this.#c = 0x9e3779b9
    } else {
      this.#a = hash(seed, 0x811c9dc5)
      this.#b = hash(seed, 0x9e3779b9)
      this.#c = hash(seed, 0x85ebca6b)
    }
    for (let i = 0; i < 12; i++) this.bits()
  }

  /** 32 random bits, as a number from 0. */
  bits(): number {
    const sum = (this.#a + this.#b + this.#count++) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** From 0 up to 1. */
  unit(): number {
    return this.bits() / 2 ** 32
  }

  /** An integer from `min` to `max`, both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.unit() * (max - min + 1))
  }

  /** An integer from 0 to below `end`; 0 for an empty range. */
  below(end: number): number {
    return end <= 1 ? 0 : this.integer(0, end - 1)
  }

  /** An integer from `min` to `max`, both included, small ones more often. */
  small(min: number, max: number): number {
    return min + this.below(1 + this.below(max - min + 1))
  }

  /** True for this share of all calls. */
  chance(share: number): boolean {
    return this.unit() < share
  }

  /** True once in so many times. */
  once(times: number): boolean {
    return this.below(times) === 0
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.integer(0, choices.length - 1)] as T
  }

  /** From none to `most` of what `make` returns. */
  many<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.integer(0, most) }, make)
  }

  /** The same things in another order. */
  shuffle<T>(things: readonly T[]): T[] {
    const all = [...things]
    for (let i = all.length - 1; i > 0; i--) {
      const j = this.integer(0, i)
      ;[all[i], all[j]] = [all[j] as T, all[i] as T]
    }
    return all
  }

  /** One of the names, each as often as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const names = Object.keys(weights) as K[]
    let left = this.unit() * names.reduce((sum, name) => sum + weights[name], 0)
    for (const name of names) {
      left -= weights[name]
      if (left < 0) return name
    }
    return names.at(-1) as K
  }

  /** Between `min` and `max`, every order of magnitude as often as the next. */
  magnitude(min: number, max: number): number {
    return Math.floor(min * (max / min) ** this.unit())
  }
}

/** FNV-1a. http://www.isthe.com/chongo/tech/comp/fnv/ */
function hash(text: string, from: number): number {
  let value = from
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value
}
