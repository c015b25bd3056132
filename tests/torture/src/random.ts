/** Numbers from 0 up to 1, the same for the same seed: mulberry32, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export type Random = () => number

export function randomOf(seed: number): Random {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** An integer from 0 up to `count`. */
export function below(random: Random, count: number): number {
  return Math.floor(random() * count)
}

/** One of some values. */
export function pick<T>(random: Random, values: readonly T[]): T {
  return values[below(random, values.length)] as T
}
