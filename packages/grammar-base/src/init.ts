import { bool, checkConfig, duration, func, number, optional, port, shape } from '@sr/runtime'
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
  /** how long a dialled address may be silent, milliseconds from the start of the dial; default 4,500 */
  readonly dialMs?: number
  /** how long the outcome of a dial answers other requests for the same address, milliseconds; default 600,000 */
  readonly shareMs?: number
}

/** Below the 5 s for which an update of protocol 0.0.1 waits for verdicts. */
export const DIAL_MS = 4500

/** The interval of AutoNAT between two probes. */
export const VERDICT_TTL_S = 900

/** One dial per address in ten minutes, so that a server cannot be made to flood an address. */
export const SHARE_MS = 600_000

/**
 * Checks what a rule of this package is built with; `of` names the function that takes it.
 *
 * @throws ConfigError for an unknown or invalid option
 */
export function checkInit(of: string, init: BaseInit): void {
  checkConfig<BaseInit>(of, init, {
    prober: port({ probe: func }),
    policy: optional(shape<AddressPolicy>({ allowPrivate: optional(bool), observedOnly: optional(bool) })),
    addresses: optional(func),
    ttl: optional(number({ min: 0, above: true })),
    dialMs: optional(number({ min: 0, above: true })),
    shareMs: optional(duration),
  })
}
