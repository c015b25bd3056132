import { MAX_RETAIN_MS } from '@sr/ir'

const MIB = 1024 * 1024
const HOUR_S = 3600

/** Longest key of a record, bytes. */
export const MAX_KEY_BYTES = 1024

/** How far an update may be ahead of the receiver's clock, milliseconds: clocks differ, but who is far ahead would win every merge. */
export const MAX_AHEAD_MS = 300_000

/** Longest name of a writer, characters; peer ids have 46 to 60. */
export const MAX_WRITER_CHARS = 128

/** Part of all bytes that only writers who hold something already may use: a crowd of newcomers shall not lock them out. */
export const RESERVE = 0.2

/** How far over a quota an update goes that only removes: who is full must be able to make room. */
export const REMOVAL_ROOM = 1.1

/** What one machine grants. Policy: two machines may differ, and what one refuses the other may hold. */
export interface MachineLimits {
  /** longest life from the seq time, seconds */
  readonly maxTtl: number
  /** verbatim bytes of one update */
  readonly updateBytes: number
  /** records in which one writer holds something */
  readonly recordsPerWriter: number
  /** bytes charged to one writer, in all records */
  readonly bytesPerWriter: number
  /** writers who hold something in one record; this machine is not counted */
  readonly writersPerRecord: number
  /** slots of one document: values, containers, members, tombstones */
  readonly slotsPerDocument: number
  /** bytes charged in all */
  readonly bytes: number
  /** effects that run at one time */
  readonly effectsAtOnce: number
  /** effects that wait for their turn; more are let go */
  readonly effectsWaiting: number
  /** milliseconds an effect is given, and a receipt waits for prompt ones */
  readonly effectTimeoutMs: number
  /** effects run for one update, the first in canonical order */
  readonly effectsPerUpdate: number
  /** outside effects among them */
  readonly externalPerUpdate: number
  /** outside effects in a minute, in all */
  readonly externalPerMinute: number
  /** outside effects in a minute that one writer asked for */
  readonly externalPerMinutePerWriter: number
  /** outside effects of one writer at one time */
  readonly externalConcurrencyPerWriter: number
}

/**
 * The defaults, and why: 72 h, what rendezvous servers grant; an update of 256 KiB
 * of content and room for its envelope; 1,000 records and 16 MiB a writer; 256 MiB in all, since
 * this store is memory; dials as AutoNAT v2 bounds them.
 */
export const LIMITS: MachineLimits = Object.freeze({
  maxTtl: 72 * HOUR_S,
  updateBytes: 256 * 1024 + 8 * 1024,
  recordsPerWriter: 1000,
  bytesPerWriter: 16 * MIB,
  writersPerRecord: 256,
  slotsPerDocument: 50_000,
  bytes: 256 * MIB,
  effectsAtOnce: 16,
  effectsWaiting: 1000,
  effectTimeoutMs: 5000,
  effectsPerUpdate: 64,
  externalPerUpdate: 4,
  externalPerMinute: 60,
  externalPerMinutePerWriter: 12,
  externalConcurrencyPerWriter: 2,
})

/**
 * Completes partial limits with the defaults.
 *
 * @throws RangeError when one is no positive number, or `maxTtl` exceeds what may be remembered
 * @example
 * ```ts
 * import { machineLimits } from '@sr/vm'
 *
 * console.log(machineLimits({ maxTtl: 3600 }).writersPerRecord) // 256
 * ```
 */
export function machineLimits(partial: Partial<MachineLimits> = {}): MachineLimits {
  const limits: MachineLimits = { ...LIMITS, ...partial }
  for (const [name, value] of Object.entries(limits) as Array<[string, unknown]>) {
    if (typeof value !== 'number' || !(value > 0)) {
      throw new RangeError(`limit ${name} must be a positive number, not ${String(value)}`)
    }
  }
  if (limits.maxTtl * 1000 > MAX_RETAIN_MS) {
    throw new RangeError(`limit maxTtl must not exceed ${MAX_RETAIN_MS / 1000} seconds, not ${limits.maxTtl}`)
  }
  return limits
}
