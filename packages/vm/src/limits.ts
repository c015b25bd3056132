import { MAX_RETAIN_MS } from '@sr/ir'
import { type Check, checkConfig, ConfigError, number, partial } from '@sr/runtime'

const MIB = 1024 * 1024
const HOUR_S = 3600

/** Longest key of a record, bytes. */
export const MAX_KEY_BYTES = 1024

/** How far an update may be ahead of this machine's clock, milliseconds: clocks differ, but an update far ahead would win every merge. */
export const MAX_AHEAD_MS = 300_000

/** Longest writer id, characters; peer ids have 46 to 60. */
export const MAX_WRITER_CHARS = 128

/** Part of `bytes` that only writers with bytes may use, so that many new writers cannot keep them from renewing. */
export const RESERVE = 0.2

/** By what factor an update that only removes may exceed a quota: a writer at its quota must be able to remove. */
export const REMOVAL_ROOM = 1.1

/** Limits of one machine. They are policy: another machine may admit what this one refuses. */
export interface MachineLimits {
  /** longest lifetime from the seq time, seconds */
  readonly maxTtl: number
  /** verbatim bytes of one update */
  readonly updateBytes: number
  /** records in which one writer has live updates */
  readonly recordsPerWriter: number
  /** bytes charged to one writer, in all records */
  readonly bytesPerWriter: number
  /** writers with a document in one record; this machine is not counted */
  readonly writersPerRecord: number
  /** bytes charged for one record: half of it in equal shares for `writersPerRecord` writers, half for those who come first */
  readonly bytesPerRecord: number
  /** slots of one document: values, containers, members, tombstones */
  readonly slotsPerDocument: number
  /** bytes charged to all writers */
  readonly bytes: number
  /** bytes charged for the records that are in memory; those used least recently leave it */
  readonly cacheBytes: number
  /** calls that wait for one record */
  readonly waitersPerRecord: number
  /** watches in all */
  readonly watches: number
  /** changes that a watched record remembers, for watchers that are behind or come back: a second of a busy record or hours of a quiet one */
  readonly changesPerRecord: number
  /** time for one call of the store, milliseconds */
  readonly storeTimeoutMs: number
  /** effects that run concurrently */
  readonly effectsAtOnce: number
  /** requests that wait for a slot; more are dropped */
  readonly effectsWaiting: number
  /** time for one effect, and how long `receipt.effects` waits for blocking ones, milliseconds */
  readonly effectTimeoutMs: number
  /** effects run for one update: the first in canonical order */
  readonly effectsPerUpdate: number
  /** external effects among them */
  readonly externalPerUpdate: number
  /** external effects started per minute, in all */
  readonly externalPerMinute: number
  /** external effects started per minute for one writer */
  readonly externalPerMinutePerWriter: number
  /** external effects of one writer that run concurrently */
  readonly externalConcurrencyPerWriter: number
}

/**
 * Defaults. 72 h is what rendezvous servers grant; an update has up to 256 KiB of body, and 8 KiB for its envelope; 256 MiB
 * in all fits the default store, which is memory; 2,048 calls wait for a record, since a server serves 2,000 streams; external
 * effects are limited as AutoNAT v2 limits dials.
 */
export const LIMITS: MachineLimits = Object.freeze({
  maxTtl: 72 * HOUR_S,
  updateBytes: 256 * 1024 + 8 * 1024,
  recordsPerWriter: 1000,
  bytesPerWriter: 16 * MIB,
  writersPerRecord: 256,
  bytesPerRecord: 64 * MIB,
  slotsPerDocument: 50_000,
  bytes: 256 * MIB,
  cacheBytes: 64 * MIB,
  waitersPerRecord: 2048,
  watches: 10_000,
  changesPerRecord: 1024,
  storeTimeoutMs: 10_000,
  effectsAtOnce: 16,
  effectsWaiting: 1000,
  effectTimeoutMs: 5000,
  effectsPerUpdate: 64,
  externalPerUpdate: 4,
  externalPerMinute: 60,
  externalPerMinutePerWriter: 12,
  externalConcurrencyPerWriter: 2,
})

/** A count or a number of bytes; 0 would refuse everything. */
const count: Check = number({ min: 1 })

/** What each limit may be. */
export const LIMIT_CHECKS: { readonly [K in keyof MachineLimits]: Check } = {
  maxTtl: number({ min: 1, max: MAX_RETAIN_MS / 1000 }),
  updateBytes: count,
  recordsPerWriter: count,
  bytesPerWriter: count,
  writersPerRecord: count,
  bytesPerRecord: count,
  slotsPerDocument: count,
  bytes: count,
  cacheBytes: count,
  waitersPerRecord: count,
  watches: count,
  changesPerRecord: count,
  storeTimeoutMs: number({ min: 0, above: true }),
  effectsAtOnce: count,
  effectsWaiting: count,
  effectTimeoutMs: number({ min: 0, above: true }),
  effectsPerUpdate: count,
  externalPerUpdate: count,
  externalPerMinute: count,
  externalPerMinutePerWriter: count,
  externalConcurrencyPerWriter: count,
}

/** Limits that are a part of another: where both are given, the first is at most the second. */
const PARTS: ReadonlyArray<readonly [keyof MachineLimits, keyof MachineLimits]> = [
  ['updateBytes', 'bytesPerWriter'],
  ['bytesPerWriter', 'bytes'],
  ['externalPerUpdate', 'effectsPerUpdate'],
  ['externalPerMinutePerWriter', 'externalPerMinute'],
]

/**
 * Completes limits with the defaults.
 *
 * @throws ConfigError for an unknown name, or a value that is not a number in its range; `maxTtl` is at most 30 days, the
 *   longest `retain`
 * @example
 * ```ts
 * import { machineLimits } from '@sr/vm'
 *
 * console.log(machineLimits({ maxTtl: 3600 }).writersPerRecord) // 256
 * ```
 */
export function machineLimits(given: Partial<MachineLimits> = {}): MachineLimits {
  checkConfig<{ limits: Partial<MachineLimits> }>('machineLimits', { limits: given }, { limits: partial(LIMIT_CHECKS) })
  for (const [part, whole] of PARTS) {
    const [got, max] = [given[part], given[whole]]
    if (got !== undefined && max !== undefined && got > max) {
      const expected = `at most limits.${whole}, which is ${max}`
      throw new ConfigError('CONFIG_CONFLICT', { of: 'machineLimits', field: `limits.${part}`, expected, got, max })
    }
  }
  return { ...LIMITS, ...given }
}
