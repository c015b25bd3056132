import type { XrErrorCode } from '@sr/xr'
import type { Applied, ProtocolErrorCode } from './errors.ts'

/**
 * The reason of a refusal on the wire: a closed set that peers in every language share. The packages' own codes map to it.
 * On `/ipfs/smart-record/0.0.1` it is not sent, since a refusal there is a reset.
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
  | 'E_PRICE'
  | 'E_RATE'
  | 'E_BUSY'
  | 'E_SLOW_CONSUMER'
  | 'E_TIMEOUT'
  | 'E_STORAGE'
  | 'E_READONLY'
  | 'E_CORRUPT'
  | 'E_SHUTDOWN'
  | 'E_INTERNAL'

/** Every {@link Status}, and whether the same request may succeed later. */
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
  E_PRICE: { retryable: false },
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

/**
 * The error codes that have a status: those of all packages that a server runs. The codes of the packages that this one
 * may not import are listed; a test compares them with the packages' own.
 */
export type LayerErrorCode =
  | XrErrorCode
  | ProtocolErrorCode
  | 'IR_STAMP'
  | 'IR_EXPIRES'
  | 'IR_RETAIN'
  | 'IR_BODY'
  | 'IR_OPERATOR'
  | 'IR_TTL'
  | 'IR_MEMBER'
  | 'IR_UNVALIDATED'
  | 'IR_GRAMMAR'
  | 'UPDATE_SIZE'
  | 'UPDATE_FORM'
  | 'UPDATE_NETWORK'
  | 'UPDATE_KEY'
  | 'UPDATE_WRITER'
  | 'UPDATE_SIGNATURE'
  | 'UPDATE_CONFIG'
  | 'VM_KEY'
  | 'VM_TOO_LARGE'
  | 'VM_DEPTH'
  | 'VM_NODES'
  | 'VM_VALUE'
  | 'VM_DOC'
  | 'VM_TTL'
  | 'VM_CLOCK'
  | 'VM_WRITER'
  | 'VM_SIG'
  | 'VM_EXPIRED'
  | 'VM_QUOTA_WRITER'
  | 'VM_QUOTA_RECORD'
  | 'VM_QUOTA_GLOBAL'
  | 'VM_BUSY'
  | 'VM_OPTION'
  | 'VM_CURSOR'
  | 'VM_STALE'
  | 'VM_PRICE'
  | 'VM_STORAGE'
  | 'VM_READONLY'
  | 'VM_CORRUPT'
  | 'VM_SHUTDOWN'
  | 'VM_INTERNAL'

/** The status of every error code of every layer. */
const STATUS_OF: Readonly<Record<LayerErrorCode, Status>> = {
  XR_KIND: 'E_DOC',
  XR_VALUE: 'E_VALUE',
  XR_SYNTAX: 'E_DOC',
  XR_FORM: 'E_DOC',
  XR_DUPLICATE: 'E_DOC',
  XR_DEPTH: 'E_DEPTH',
  XR_NODES: 'E_NODES',
  XR_SIZE: 'E_TOO_LARGE',
  XR_STRING: 'E_VALUE',
  XR_BYTES: 'E_VALUE',
  XR_INT: 'E_VALUE',
  XR_CYCLE: 'E_DOC',
  IR_STAMP: 'E_DOC',
  IR_EXPIRES: 'E_TTL',
  IR_RETAIN: 'E_TTL',
  IR_BODY: 'E_DOC',
  IR_OPERATOR: 'E_DOC',
  IR_TTL: 'E_TTL',
  IR_MEMBER: 'E_DOC',
  IR_UNVALIDATED: 'E_INTERNAL',
  IR_GRAMMAR: 'E_INTERNAL',
  UPDATE_SIZE: 'E_TOO_LARGE',
  UPDATE_FORM: 'E_DOC',
  UPDATE_NETWORK: 'E_SIG',
  UPDATE_KEY: 'E_KEY',
  UPDATE_WRITER: 'E_WRITER',
  UPDATE_SIGNATURE: 'E_SIG',
  UPDATE_CONFIG: 'E_INTERNAL',
  VM_KEY: 'E_KEY',
  VM_TOO_LARGE: 'E_TOO_LARGE',
  VM_DEPTH: 'E_DEPTH',
  VM_NODES: 'E_NODES',
  VM_VALUE: 'E_VALUE',
  VM_DOC: 'E_DOC',
  VM_TTL: 'E_TTL',
  VM_CLOCK: 'E_CLOCK',
  VM_WRITER: 'E_WRITER',
  VM_SIG: 'E_SIG',
  VM_EXPIRED: 'E_EXPIRED',
  VM_QUOTA_WRITER: 'E_QUOTA_WRITER',
  VM_QUOTA_RECORD: 'E_QUOTA_RECORD',
  VM_QUOTA_GLOBAL: 'E_QUOTA_GLOBAL',
  VM_BUSY: 'E_BUSY',
  VM_OPTION: 'E_PROTO',
  VM_CURSOR: 'E_PROTO',
  VM_STALE: 'E_STALE',
  VM_PRICE: 'E_PRICE',
  VM_STORAGE: 'E_STORAGE',
  VM_READONLY: 'E_READONLY',
  VM_CORRUPT: 'E_CORRUPT',
  VM_SHUTDOWN: 'E_SHUTDOWN',
  VM_INTERNAL: 'E_INTERNAL',
  PROTOCOL_FRAME: 'E_FRAME',
  PROTOCOL_TOO_LARGE: 'E_TOO_LARGE',
  PROTOCOL_PROTO: 'E_PROTO',
  PROTOCOL_TYPE: 'E_TYPE',
  PROTOCOL_KEY: 'E_KEY',
  PROTOCOL_DOC: 'E_DOC',
  PROTOCOL_NODES: 'E_NODES',
  PROTOCOL_TTL: 'E_TTL',
  PROTOCOL_BUSY: 'E_BUSY',
  PROTOCOL_TIMEOUT: 'E_TIMEOUT',
  PROTOCOL_SHUTDOWN: 'E_SHUTDOWN',
  PROTOCOL_ABORTED: 'E_INTERNAL',
  PROTOCOL_PEER: 'E_WRITER',
  PROTOCOL_UNREACHABLE: 'E_INTERNAL',
  PROTOCOL_RESET: 'E_INTERNAL',
  PROTOCOL_CLOSED: 'E_INTERNAL',
  PROTOCOL_ANSWER: 'E_INTERNAL',
  PROTOCOL_CONFIG: 'E_INTERNAL',
  PROTOCOL_INTERNAL: 'E_INTERNAL',
}

/** A refusal, as it may be sent to a peer. */
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
 * The refusal for an error of any layer. It holds codes and numbers only: messages, stacks and causes are not sent to
 * peers. An unknown error is `E_INTERNAL`.
 *
 * @example
 * ```ts
 * import { toRefusal } from '@sr/protocol'
 *
 * console.log(toRefusal({ code: 'XR_DEPTH', limit: 'depth', max: 64, got: 65 }).status) // E_DEPTH
 * console.log(toRefusal(new TypeError('oops')).status) // E_INTERNAL
 * ```
 */
export function toRefusal(err: unknown): Refusal {
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
  return isLayerCode(code) ? STATUS_OF[code] : 'E_INTERNAL'
}

function isLayerCode(code: unknown): code is LayerErrorCode {
  return typeof code === 'string' && Object.hasOwn(STATUS_OF, code)
}
