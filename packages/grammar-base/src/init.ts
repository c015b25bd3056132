import type { AddressPolicy } from './address-policy.ts'
import type { Prober } from './ports.ts'

/** What the tags of this package need. */
export interface BaseInit {
  /** how peers are reached */
  readonly prober: Prober
  /** what is dialled for strangers */
  readonly policy?: AddressPolicy
  /** multiaddrs of this server itself; default: none */
  readonly addresses?: () => Iterable<string>
  /** life of a verdict, seconds; default 900. It is renewed while a statement asks for it */
  readonly ttl?: number
  /** how long the outcome of a dial answers other requests for the same address, milliseconds; default 600,000 */
  readonly shareMs?: number
}

/** The interval of AutoNAT between two probes. */
export const VERDICT_TTL_S = 900

/** One dial per address in ten minutes, so that a server cannot be made to flood an address. */
export const SHARE_MS = 600_000
