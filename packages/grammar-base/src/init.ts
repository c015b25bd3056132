import type { AddressPolicy } from './address-policy.ts'
import type { Prober } from './ports.ts'

/** What the tags of this package need. */
export interface BaseInit {
  /** how peers are reached */
  readonly prober: Prober
  /** what is dialled for strangers */
  readonly policy?: AddressPolicy
  /** multiaddrs under which this server can be reached, by which it knows itself; default: none */
  readonly addresses?: () => Iterable<string>
  /** life of a verdict, seconds; default 900, after which it is checked again while it is asked */
  readonly ttl?: number
  /** how long the outcome of a dial also answers others who ask for the same address, milliseconds; default 600,000 */
  readonly shareMs?: number
}

/** As AutoNAT has it between two looks. */
export const VERDICT_TTL_S = 900

/** One dial for an address in ten minutes, however many ask: a server shall not be made to flood anybody. */
export const SHARE_MS = 600_000
