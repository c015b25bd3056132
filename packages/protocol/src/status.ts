import type { Path, XrErrorCode } from '@sr/xr'
import type { Applied, ProtocolErrorCode } from './errors.ts'
import { isRetryable, isStatus, type Status } from './status-codes.ts'

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
  | 'UPDATE_ENVELOPE'
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
  UPDATE_ENVELOPE: 'E_SIG',
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
  PROTOCOL_SIGNATURE: 'E_SIG',
  PROTOCOL_UNSUPPORTED: 'E_UNSUPPORTED',
  PROTOCOL_CANCELLED: 'E_CANCELLED',
  PROTOCOL_DENIED: 'E_DENIED',
  PROTOCOL_RATE: 'E_RATE',
  PROTOCOL_SLOW_CONSUMER: 'E_SLOW_CONSUMER',
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
  /** where in the body */
  readonly path?: Path
  readonly limit?: string
  readonly max?: number
  readonly got?: number
  /** when to try again, milliseconds from now */
  readonly waitMs?: number
  /** the writer's highest seq in the record, with `E_STALE` */
  readonly seq?: number
  /** what the meter asks for, with `E_PRICE` */
  readonly price?: number
  /** the option or capability that is not supported, or the policy that denies */
  readonly subject?: string
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
  const { code, applied, limit, max, got, retryAfterMs, waitMs, path, seq, price, subject } = (
    typeof err === 'object' && err !== null ? err : {}
  ) as Record<string, unknown>
  const status = statusOf(code)
  const found = {
    path: Array.isArray(path) && path.length > 0 ? (path as Path) : undefined,
    limit: typeof limit === 'string' ? limit : undefined,
    max: numberOf(max),
    got: numberOf(got),
    waitMs: numberOf(waitMs) ?? numberOf(retryAfterMs),
    seq: numberOf(seq) ?? (status === 'E_STALE' ? numberOf(got) : undefined),
    price: numberOf(price) ?? (status === 'E_PRICE' ? numberOf(got) : undefined),
    subject: typeof subject === 'string' ? subject : undefined,
  }
  return {
    status,
    retryable: isRetryable(status),
    applied: applied === 'yes' || applied === 'unknown' ? applied : 'no',
    ...(Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as Partial<Refusal>),
  }
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function statusOf(code: unknown): Status {
  if (typeof code !== 'string') {
    return 'E_INTERNAL'
  }
  if (isLayerCode(code)) {
    return STATUS_OF[code]
  }
  // the refusal of another server, passed on
  return isStatus(code) ? code : 'E_INTERNAL'
}

function isLayerCode(code: string): code is LayerErrorCode {
  return Object.hasOwn(STATUS_OF, code)
}
