import type { Effect } from '@sr/ir'
import type { AddressTag } from '../address-tag.ts'
import { type BaseInit, VERDICT_TTL_S } from '../init.ts'
import { isOwn } from '../own-address.ts'
import { verdictAt } from '../verdict.ts'

/** Tells whether the server has a connection with the peer an address names. Dials nothing, so no address is refused. */
export function connectivityEffect({
  prober,
  addresses = () => [],
  ttl = VERDICT_TTL_S,
}: Omit<BaseInit, 'policy' | 'shareMs'>): Effect<AddressTag> {
  return {
    external: true,
    blocking: true,
    async run({ address }, { now, self, signal }) {
      if (address.peer === undefined) {
        // the Go peers' word for an address that names nobody
        return verdictAt('notDialable', now, ttl)
      }
      const connected =
        address.peer === self ? isOwn(address, addresses()) : await prober.probe(address.text, { signal, reuse: true })
      return verdictAt(connected ? 'connected' : 'notConnected', now, ttl)
    },
  }
}
