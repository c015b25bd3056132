import type { Effect } from '@sr/ir'
import type { AddressTag } from '../address-tag.ts'
import { type BaseInit, VERDICT_TTL_S } from '../init.ts'
import { isOwn } from '../own-address.ts'
import { verdictAt } from '../verdict.ts'

/** Reports whether the server has a connection with the peer of an address. Dials nothing, so no address is refused. */
export function connectivityEffect({
  prober,
  addresses = () => [],
  ttl = VERDICT_TTL_S,
}: Omit<BaseInit, 'policy' | 'shareMs' | 'dialMs'>): Effect<AddressTag> {
  return {
    external: true,
    blocking: true,
    async run({ address }, { now, self, signal }) {
      if (address.peer === undefined) {
        // the verdict of Go peers for an address without a peer id
        return verdictAt('notDialable', now, ttl)
      }
      const connected =
        address.peer === self
          ? isOwn(address, addresses())
          : await prober.probe(address.text, { signal, reuse: true, timeoutMs: 0 })
      return verdictAt(connected ? 'connected' : 'notConnected', now, ttl)
    },
  }
}
