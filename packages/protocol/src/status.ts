import type { Applied } from './errors.ts'

/**
 * Why something was refused, in the words of the wire: a closed set that peers in every language
 * share. The packages' own codes map onto it; on `/ipfs/smart-record/0.0.1` it stays on this side,
 * since a refusal there is a reset.
 */
export type Status =
  | 'E_FRAME'
  | 'E_TOO_LARGE'
  | 'E_PROTO'
  | 'E_TYPE'
  | 'E_KEY'
  | 'E_DOC'
  | 'E_DEPTH'
  | 'E_NODES'
  | 'E_VALUE'
  | 'E_TTL'
  | 'E_CLOCK'
  | 'E_WRITER'
  | 'E_SIG'
  | 'E_STALE'
  | 'E_FORK'
  | 'E_EXPIRED'
  | 'E_MERGE'
  | 'E_TAG'
  | 'E_QUOTA_WRITER'
  | 'E_QUOTA_RECORD'
  | 'E_QUOTA_GLOBAL'
  | 'E_RATE'
  | 'E_BUSY'
  | 'E_SLOW_CONSUMER'
  | 'E_TIMEOUT'
  | 'E_STORAGE'
  | 'E_READONLY'
  | 'E_CORRUPT'
  | 'E_SHUTDOWN'
  | 'E_INTERNAL'

/** Every {@link Status}, and whether the same request may well succeed later. */
export const STATUSES: Readonly<Record<Status, { readonly retryable: boolean }>> = Object.freeze({
  E_FRAME: { retryable: false },
  E_TOO_LARGE: { retryable: false },
  E_PROTO: { retryable: false },
  E_TYPE: { retryable: false },
  E_KEY: { retryable: false },
  E_DOC: { retryable: false },
  E_DEPTH: { retryable: false },
  E_NODES: { retryable: false },
  E_VALUE: { retryable: false },
  E_TTL: { retryable: false },
  E_CLOCK: { retryable: true },
  E_WRITER: { retryable: false },
  E_SIG: { retryable: false },
  E_STALE: { retryable: false },
  E_FORK: { retryable: false },
  E_EXPIRED: { retryable: false },
  E_MERGE: { retryable: false },
  E_TAG: { retryable: false },
  E_QUOTA_WRITER: { retryable: true },
  E_QUOTA_RECORD: { retryable: true },
  E_QUOTA_GLOBAL: { retryable: true },
  E_RATE: { retryable: true },
  E_BUSY: { retryable: true },
  E_SLOW_CONSUMER: { retryable: true },
  E_TIMEOUT: { retryable: true },
  E_STORAGE: { retryable: true },
  E_READONLY: { retryable: true },
  E_CORRUPT: { retryable: false },
  E_SHUTDOWN: { retryable: true },
  E_INTERNAL: { retryable: false },
})

/** Codes whose status is not their own name with another prefix. */
const OTHER_NAMES: Readonly<Record<string, Status>> = {
  XR_KIND: 'E_DOC',
  XR_SYNTAX: 'E_DOC',
  XR_FORM: 'E_DOC',
  XR_DUPLICATE: 'E_DOC',
  XR_CYCLE: 'E_DOC',
  XR_SIZE: 'E_TOO_LARGE',
  XR_STRING: 'E_VALUE',
  XR_BYTES: 'E_VALUE',
  XR_INT: 'E_VALUE',
  IR_EXPIRES: 'E_TTL',
  IR_RETAIN: 'E_TTL',
  IR_GRAMMAR: 'E_INTERNAL',
  IR_UNVALIDATED: 'E_INTERNAL',
}

/** What is refused where nothing more exact fits: an update whose form or operators are not lawful is no document. */
const FALLBACK: Readonly<Record<string, Status>> = { XR: 'E_DOC', IR: 'E_DOC' }

/** A refusal as a peer may be told it. */
export interface Refusal {
  readonly status: Status
  readonly retryable: boolean
  readonly applied: Applied
  readonly limit?: string
  readonly max?: number
  readonly got?: number
  readonly retryAfterMs?: number
}

/**
 * The refusal that an error of any layer amounts to. Only codes and numbers go over: a message, a
 * stack or a cause is nobody else's business. What is not known is `E_INTERNAL`.
 *
 * @example
 * ```ts
 * import { refusalOf } from '@sr/protocol'
 *
 * console.log(refusalOf({ code: 'XR_DEPTH', limit: 'depth', max: 64, got: 65 }).status) // E_DEPTH
 * console.log(refusalOf(new TypeError('oops')).status) // E_INTERNAL
 * ```
 */
export function refusalOf(err: unknown): Refusal {
  const { code, applied, limit, max, got, retryAfterMs } = (
    typeof err === 'object' && err !== null ? err : {}
  ) as Record<string, unknown>
  const status = statusOf(code)
  return {
    status,
    retryable: STATUSES[status].retryable,
    applied: applied === 'yes' || applied === 'unknown' ? applied : 'no',
    ...(typeof limit === 'string' ? { limit } : {}),
    ...(typeof max === 'number' ? { max } : {}),
    ...(typeof got === 'number' ? { got } : {}),
    ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
  }
}

function statusOf(code: unknown): Status {
  const [, layer, name] = /^(XR|IR|VM|PROTOCOL)_([A-Z_]+)$/.exec(typeof code === 'string' ? code : '') ?? []
  if (layer === undefined || name === undefined) {
    return 'E_INTERNAL'
  }
  const same = `E_${name}`
  if (isStatus(same)) {
    return same
  }
  const full = `${layer}_${name}`
  return (
    (Object.hasOwn(OTHER_NAMES, full) ? OTHER_NAMES[full] : undefined) ??
    (Object.hasOwn(FALLBACK, layer) ? FALLBACK[layer] : undefined) ??
    'E_INTERNAL'
  )
}

function isStatus(text: string): text is Status {
  return Object.hasOwn(STATUSES, text)
}
