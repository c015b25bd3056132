/**
 * The reason of a refusal on the wire: a closed set that peers in every language share. The packages' own codes map to it.
 * On `/ipfs/smart-record/0.0.1` it is not sent, since a refusal there is a reset.
 */
export type Status = keyof typeof STATUS_CODES

/**
 * The number of each status on `/smart-record/1.0.0`. With bit 6 (64) the same request, unchanged, may succeed later. 31 is
 * reserved.
 */
export const STATUS_CODES = {
  E_FRAME: 16,
  E_PROTO: 17,
  E_TYPE: 18,
  E_UNSUPPORTED: 19,
  E_TOO_LARGE: 20,
  E_KEY: 21,
  E_DOC: 22,
  E_DEPTH: 23,
  E_NODES: 24,
  E_VALUE: 25,
  E_TTL: 26,
  E_WRITER: 27,
  E_SIG: 28,
  E_STALE: 29,
  E_EXPIRED: 30,
  E_CORRUPT: 32,
  E_DENIED: 33,
  E_PRICE: 34,
  E_INTERNAL: 35,
  E_CANCELLED: 36,
  E_CLOCK: 64,
  E_QUOTA_WRITER: 65,
  E_QUOTA_RECORD: 66,
  E_QUOTA_GLOBAL: 67,
  E_RATE: 68,
  E_BUSY: 69,
  E_SLOW_CONSUMER: 70,
  E_TIMEOUT: 71,
  E_STORAGE: 72,
  E_READONLY: 73,
  E_SHUTDOWN: 74,
} as const

const BY_CODE: ReadonlyMap<number, Status> = new Map(
  Object.entries(STATUS_CODES).map(([name, code]) => [code, name as Status]),
)

/** Bit of a status that says that the same request may succeed later. */
export const RETRYABLE_BIT = 64

export function isRetryable(status: Status): boolean {
  return (STATUS_CODES[status] & RETRYABLE_BIT) !== 0
}

/** The status of a number; undefined for one that this version does not know. */
export function statusOfCode(code: number): Status | undefined {
  return BY_CODE.get(code)
}

export function isStatus(code: string): code is Status {
  return Object.hasOwn(STATUS_CODES, code)
}
