import type { Effect, Verdict } from '@sr/ir'
import { addressRefusal } from '../address-policy.ts'
import type { AddressTag } from '../address-tag.ts'
import { type BaseInit, DIAL_MS, SHARE_MS, VERDICT_TTL_S } from '../init.ts'
import { isOwn } from '../own-address.ts'
import { SharedDials } from '../shared-dials.ts'
import { verdictAt } from '../verdict.ts'

/** Dials the address, if the policy allows it, and reports whether its peer was reached. */
export function dialableEffect({
  prober,
  policy: given = {},
  addresses = () => [],
  ttl = VERDICT_TTL_S,
  shareMs = SHARE_MS,
  dialMs = DIAL_MS,
}: BaseInit): Effect<AddressTag> {
  const dials = new SharedDials(shareMs)
  const policy = { ...given }
  const verdict = (reached: boolean, at: number): Verdict => verdictAt(reached ? 'dialed' : 'notDialable', at, ttl)
  return {
    external: true,
    blocking: true,
    async run({ address }, { now, self, observed, signal, permit }) {
      if (address.peer === undefined) {
        return verdict(false, now)
      }
      if (address.peer === self) {
        return verdict(isOwn(address, addresses()), now)
      }
      if (addressRefusal(address, observed, policy) !== undefined) {
        return undefined
      }
      const { reached, at } = await dials.get(address.text, { now, signal }, async (dialSignal) => {
        permit()
        return await prober.probe(address.text, { signal: dialSignal, reuse: false, timeoutMs: dialMs })
      })
      return verdict(reached, at)
    },
  }
}
