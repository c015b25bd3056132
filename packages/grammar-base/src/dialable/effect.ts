import type { Effect, EffectContext, Verdict } from '@sr/ir'
import { addressRefusal } from '../address-policy.ts'
import type { AddressTag } from '../address-tag.ts'
import { type BaseInit, SHARE_MS, VERDICT_TTL_S } from '../init.ts'
import { isOwn } from '../own-address.ts'
import { ProbeMemory } from '../probe-memory.ts'
import { verdictAt } from '../verdict.ts'

/** Dials the address, if the policy allows it, and reports whether its peer was reached. */
export function dialableEffect({
  prober,
  policy = {},
  addresses = () => [],
  ttl = VERDICT_TTL_S,
  shareMs = SHARE_MS,
}: BaseInit): Effect<AddressTag> {
  const memory = new ProbeMemory(shareMs)

  const verdict = (reached: boolean, at: number): Verdict => verdictAt(reached ? 'dialed' : 'notDialable', at, ttl)

  const dial = async (address: string, { signal }: EffectContext): Promise<boolean> => {
    try {
      return await prober.probe(address, { signal, reuse: false })
    } catch (err) {
      // no answer in the time allowed is a verdict; not having tried is no verdict
      if (signal.aborted && (signal.reason as Error | undefined)?.name === 'TimeoutError') {
        return false
      }
      throw err
    }
  }

  return {
    external: true,
    blocking: true,
    async run({ address }, context) {
      const { now, self, observed } = context
      if (address.peer === undefined) {
        return verdict(false, now)
      }
      if (address.peer === self) {
        return verdict(isOwn(address, addresses()), now)
      }
      if (addressRefusal(address, observed, policy) !== undefined) {
        return undefined
      }
      const before = memory.get(address.text, now)
      if (before !== undefined) {
        return verdict(before.reached, before.at)
      }
      const reached = await dial(address.text, context)
      memory.set(address.text, { reached, at: now })
      return verdict(reached, now)
    },
  }
}
