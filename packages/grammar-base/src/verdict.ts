import type { Verdict } from '@sr/ir'
import { Dict, type Node, Predicate } from '@sr/xr'

/** Verdicts are dated to the second, so that they do not reveal how long a probe took. */
const SECOND_MS = 1000

/** The verdict `tag(at=…)` of a check at an instant in milliseconds, with its life in seconds. */
export function verdictAt(tag: string, at: number, ttl: number): Verdict {
  const date: Node = BigInt(Math.floor(at / SECOND_MS) * SECOND_MS)
  return { value: new Predicate(tag, [], Dict.from([['at', date]])), ttl }
}
