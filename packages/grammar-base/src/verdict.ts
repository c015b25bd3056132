import type { Verdict } from '@sr/ir'
import { Dict, type Node, Predicate } from '@sr/xr'

/** Verdicts are dated to the second: how long a probe took is nobody's business. */
const SECOND_MS = 1000

/** The verdict `tag(at=…)`, of a check at a moment in milliseconds, good for some seconds. */
export function verdictAt(tag: string, at: number, ttl: number): Verdict {
  const date: Node = BigInt(Math.floor(at / SECOND_MS) * SECOND_MS)
  return { value: new Predicate(tag, [], Dict.from([['at', date]])), ttl }
}
