import { type Applied, type Deadline, ProtocolError } from '@sr/protocol'
import type { GoMessage } from '../codec/message.ts'

/** An Error of any thrown value or reason of a signal, `null` included. */
export function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('a value that is not an Error was thrown', { cause: reason })
}

/** Whether an error means that the stream or connection is gone, as against a wrong answer. */
export function isConnectionLoss(err: unknown): boolean {
  const code = codeOf(err)
  return code === 'PROTOCOL_RESET' || code === 'PROTOCOL_CLOSED'
}

/** How far a call has come: it waits for earlier calls, a stream is being opened, the request may have left this side. */
export type Phase = 'waiting' | 'opening' | 'sent'

/** The error that a failed call rejects with. An abort by this side takes precedence over what it caused. */
export function toRequestError(
  err: unknown,
  type: GoMessage['type'],
  phase: Phase,
  { cause, signal }: Deadline,
): unknown {
  const applied: Applied = type === 'update' && phase === 'sent' ? 'unknown' : 'no'
  if (cause === 'caller') {
    return new ProtocolError('PROTOCOL_ABORTED', "the caller's signal aborted", { applied, cause: signal.reason })
  }
  if (cause === 'time') {
    return toTimeoutError(phase, applied, limitOf(signal.reason))
  }
  if (cause === 'close') {
    return new ProtocolError('PROTOCOL_SHUTDOWN', 'the session was closed', { applied })
  }
  if (err instanceof ProtocolError && err.code === 'PROTOCOL_RESET') {
    return new ProtocolError(
      'PROTOCOL_RESET',
      'the peer refused the request or reset the stream; this protocol gives no reason',
      { applied, cause: err },
    )
  }
  if (err instanceof ProtocolError) {
    return new ProtocolError(err.code, err.message, { ...limitOf(err), applied, cause: err.cause })
  }
  return err instanceof Error && err.name === 'XrError'
    ? err
    : new ProtocolError('PROTOCOL_INTERNAL', 'the request could not be made', { applied, cause: err })
}

function toTimeoutError(phase: Phase, applied: Applied, limit: ReturnType<typeof limitOf>): ProtocolError {
  const ms = `${String(limit.max)} ms`
  switch (phase) {
    case 'waiting':
      return new ProtocolError(
        'PROTOCOL_BUSY',
        `earlier calls to the peer took longer than ${ms}; this one was not sent`,
        { ...limit, limit: 'waitMs', applied },
      )
    case 'opening':
      return new ProtocolError('PROTOCOL_TIMEOUT', `no stream to the peer opened within ${ms}`, {
        ...limit,
        limit: 'timeoutMs',
        applied,
      })
    case 'sent':
      return new ProtocolError('PROTOCOL_TIMEOUT', `the peer did not answer within ${ms}`, {
        ...limit,
        limit: 'timeoutMs',
        applied,
      })
  }
}

function codeOf(err: unknown): string {
  const code = (err as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : ''
}

function limitOf({ limit, max, got }: Pick<ProtocolError, 'limit' | 'max' | 'got'>): {
  limit?: string
  max?: number
  got?: number
} {
  return limit === undefined || max === undefined || got === undefined ? {} : { limit, max, got }
}
