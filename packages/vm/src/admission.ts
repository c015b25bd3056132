import { MAX_RETAIN_MS, seqTime } from '@sr/ir'
import type { Instant } from './effective-time.ts'
import { VmError } from './errors.ts'
import { MAX_AHEAD_MS, MAX_KEY_BYTES, MAX_WRITER_CHARS, type MachineLimits } from './limits.ts'
import { type Demand, excess, type Usage } from './quota.ts'
import type { DecodedUpdate } from './update-codec.ts'

/** How soon a writer that is told to wait may ask again, milliseconds: one turn of the collector. */
const SOON_MS = 1000

/** What asks to be let in. */
export interface Candidate {
  readonly update: DecodedUpdate
  /** the latest expiry in it, `$ttl` counted, milliseconds */
  readonly horizon: number
  /** the machine made its seq, above the writer's highest; so it may be ahead of the clock */
  readonly stamped: boolean
  readonly demand: Demand
}

/** What it is let into. */
export interface Standing {
  readonly instant: Instant
  readonly limits: MachineLimits
  /** what the writer holds in all records; undefined for this machine's own statements, which others are charged for */
  readonly usage: Usage | undefined
  /** bytes charged in all */
  readonly total: number
}

/** Why an update is refused, or undefined when it is admitted. Pure: it depends on its arguments alone. */
export function refusal(candidate: Candidate, standing: Standing): VmError | undefined {
  return (
    keyRefusal(candidate.update.key) ??
    writerRefusal(candidate.update.writer) ??
    timeRefusal(candidate, standing.instant, standing.limits) ??
    quotaRefusal(candidate.demand, standing)
  )
}

/** Why a key is none, or undefined. */
export function keyRefusal(key: Uint8Array): VmError | undefined {
  return key.length >= 1 && key.length <= MAX_KEY_BYTES
    ? undefined
    : new VmError('VM_KEY', `a key has 1 to ${MAX_KEY_BYTES} bytes, this one ${key.length}`, {
        limit: 'keyBytes',
        max: MAX_KEY_BYTES,
        got: key.length,
      })
}

/** Why a time to live is none, or undefined. 0 is lawful: it counts as one second. */
export function ttlRefusal(ttl: number, limits: MachineLimits): VmError | undefined {
  return Number.isInteger(ttl) && ttl >= 0 && ttl <= limits.maxTtl
    ? undefined
    : new VmError('VM_TTL', `a life is a whole number of seconds from 0 to ${limits.maxTtl}, not ${ttl}`, {
        limit: 'maxTtl',
        max: limits.maxTtl,
        got: ttl,
      })
}

/** Why an update's verbatim bytes are too many, or undefined. */
export function sizeRefusal({ length }: Uint8Array, { updateBytes }: MachineLimits): VmError | undefined {
  return length <= updateBytes
    ? undefined
    : new VmError('VM_TOO_LARGE', `an update has up to ${updateBytes} bytes`, {
        limit: 'updateBytes',
        max: updateBytes,
        got: length,
      })
}

/** Why nothing is admitted at this instant, or undefined. */
export function clockRefusal(instant: Instant): VmError | undefined {
  return instant.confirmed
    ? undefined
    : new VmError('VM_CLOCK', 'this machine doubts its own clock', { retryable: true, retryAfterMs: SOON_MS })
}

function writerRefusal(writer: string): VmError | undefined {
  return writer.length >= 1 && writer.length <= MAX_WRITER_CHARS
    ? undefined
    : new VmError('VM_WRITER', `a writer's id has 1 to ${MAX_WRITER_CHARS} characters`, {
        limit: 'writerChars',
        max: MAX_WRITER_CHARS,
        got: writer.length,
      })
}

function timeRefusal(
  { update, horizon, stamped }: Candidate,
  instant: Instant,
  limits: MachineLimits,
): VmError | undefined {
  const { seq, expires, retain } = update
  if (![seq, expires, retain].every((time) => Number.isSafeInteger(time) && time >= 0)) {
    return new VmError('VM_VALUE', 'seq, expires and retain are whole numbers below 2^53')
  }
  const doubted = clockRefusal(instant)
  if (doubted !== undefined) {
    return doubted // by a wrong clock nothing has passed and nothing is ahead: the writer may come again
  }
  const said = seqTime(seq)
  const ahead = said - instant.now
  if (!stamped && ahead > MAX_AHEAD_MS) {
    return new VmError('VM_CLOCK', `the update is ${Math.ceil(ahead / 1000)} s ahead of this machine's clock`, {
      limit: 'aheadMs',
      max: MAX_AHEAD_MS,
      got: Math.ceil(ahead),
      retryable: true,
      retryAfterMs: Math.ceil(ahead - MAX_AHEAD_MS),
    })
  }
  if (retain <= instant.now) {
    return new VmError('VM_EXPIRED', 'the update asked to be remembered until a moment that has passed', {
      limit: 'retain',
      max: retain,
      got: instant.now,
    })
  }
  if (horizon <= said) {
    return new VmError('VM_TTL', 'the update ends before it is said', {
      limit: 'minTtl',
      max: 1,
      got: Math.floor((horizon - said) / 1000),
    })
  }
  if (horizon > said + limits.maxTtl * 1000) {
    return new VmError('VM_TTL', `no life longer than ${limits.maxTtl} s is granted here`, {
      limit: 'maxTtl',
      max: limits.maxTtl,
      got: Math.ceil((horizon - said) / 1000),
    })
  }
  if (retain < horizon || retain > said + MAX_RETAIN_MS) {
    return new VmError('VM_TTL', 'retain lies between the latest expiry and 30 days after the seq time', {
      limit: 'retainMs',
      max: MAX_RETAIN_MS,
      got: Math.ceil(retain - said),
    })
  }
  return undefined
}

function quotaRefusal(demand: Demand, { usage, total, limits }: Standing): VmError | undefined {
  const broken = usage === undefined ? undefined : excess(demand, usage, total, limits)
  return broken === undefined
    ? undefined
    : new VmError(`VM_QUOTA_${broken.scope}`, `${broken.limit} is limited to ${broken.max}`, {
        limit: broken.limit,
        max: broken.max,
        got: broken.got,
        retryable: true,
        retryAfterMs: SOON_MS,
      })
}
