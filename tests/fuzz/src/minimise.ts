import { edited, EMPTY } from './mutate/splice.ts'

/** Tries at most, so that a slow input does not stop everything. */
const MOST_TRIES = 5000

/**
 * A smaller input for which `holds` still holds: a part of it that does alone, then pieces taken away, then bytes made plain.
 *
 * @param parts what parts an input of this form has
 */
export function minimise(
  input: Uint8Array,
  holds: (input: Uint8Array) => boolean,
  parts: (input: Uint8Array) => Uint8Array[],
): Uint8Array {
  let best = input
  let tries = 0
  const better = (candidate: Uint8Array): boolean => {
    if (tries++ > MOST_TRIES || !holds(candidate)) return false
    best = candidate
    return true
  }
  // the smallest first; a part of a part is a part
  for (const part of parts(input).sort((a, b) => a.length - b.length)) if (better(part)) break
  for (let size = best.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < best.length;) {
      if (!better(edited(best, [{ from: at, to: Math.min(best.length, at + size), bytes: EMPTY }]))) at += size
    }
    // one more round of the smallest size for as long as it helps
    if (size === 1 && tries < MOST_TRIES && best.length < input.length) {
      const before = best.length
      for (let at = 0; at < best.length;) if (!better(edited(best, [{ from: at, to: at + 1, bytes: EMPTY }]))) at++
      if (best.length < before) size = 2
    }
  }
  for (let at = 0; at < best.length; at++) {
    for (const plain of [0x61, 0x30, 0x00]) {
      if (best[at] === plain) break
      if (better(edited(best, [{ from: at, to: at + 1, bytes: Uint8Array.of(plain) }]))) break
    }
  }
  return best
}
