import type { ProtocolError } from '@sr/protocol'
import type { Request } from '@sr/protocol/messages'

/** Wait before the first repetition, and longest wait, milliseconds; it doubles each time. */
const FIRST_WAIT_MS = 100
const MAX_WAIT_MS = 30_000

/** Wait before repetition number `n`, from 0: spread by half, so that clients do not come back together. */
export function backoffMs(n: number): number {
  return Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** n) * (0.5 + Math.random())
}

/**
 * Whether a request may be carried out twice: it changes nothing, or its updates are signed, or each is applied only to a state that
 * the first time ends.
 */
export function isRepeatable(request: Request): boolean {
  return request.op !== 'update' || request.items.every((item) => 'signed' in item || item.ifSeq !== undefined)
}

/** Losses of a stream, by the other side or the transport, or because of what was received on it. */
const LOSSES: ReadonlySet<string> = new Set([
  'PROTOCOL_RESET',
  'PROTOCOL_CLOSED',
  'PROTOCOL_ANSWER',
  'PROTOCOL_PROTO',
  'PROTOCOL_FRAME',
])

/** Refusals that last for longer than a call, unless the server says how long to wait. */
const LASTING: ReadonlySet<string> = new Set([
  'E_CLOCK',
  'E_QUOTA_WRITER',
  'E_QUOTA_RECORD',
  'E_QUOTA_GLOBAL',
  'E_READONLY',
])

/** Whether the same request may succeed within seconds. */
export function isWorthRepeating({ code, retryable, waitMs }: ProtocolError): boolean {
  return LOSSES.has(code) || (retryable && (waitMs !== undefined || !LASTING.has(code)))
}
