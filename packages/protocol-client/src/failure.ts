import { type Applied, ProtocolError } from '@sr/protocol'
import type { Deadline } from './deadline.ts'

/** Anything may be thrown, and be the reason of a signal: `null` too. */
export function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('the reason given is no Error', { cause: reason })
}

/** Whether a stream turned out to be gone, as against an answer that is wrong. */
export function isDeath(err: unknown): boolean {
  const code = codeOf(err)
  return code === 'PROTOCOL_RESET' || code === 'PROTOCOL_CLOSED'
}

/** Why a request failed, as its caller is told it. What ended it from this side comes first. */
export function asSrpError(err: unknown, applied: Applied, { ending, signal }: Deadline): unknown {
  if (ending === 'caller') {
    return new ProtocolError('PROTOCOL_ABORTED', 'the caller gave up', { applied, cause: signal.reason })
  }
  if (ending === 'time') {
    return new ProtocolError('PROTOCOL_TIMEOUT', 'the peer did not answer in time', { applied })
  }
  if (ending === 'close') {
    return new ProtocolError('PROTOCOL_SHUTDOWN', 'the exchange was closed', { applied })
  }
  if (err instanceof ProtocolError && err.code === 'PROTOCOL_RESET') {
    return new ProtocolError(
      'PROTOCOL_RESET',
      'the peer refused, or reset the stream for another reason: this protocol says none',
      { applied, cause: err },
    )
  }
  if (err instanceof ProtocolError) {
    return new ProtocolError(err.code, err.message, { ...limitOf(err), applied, cause: err.cause })
  }
  return /^(?:PROTOCOL|XR)_/.test(codeOf(err))
    ? err
    : new ProtocolError('PROTOCOL_INTERNAL', 'the request could not be made', { applied, cause: err })
}

function codeOf(err: unknown): string {
  const code = (err as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : ''
}

function limitOf({ limit, max, got }: ProtocolError): { limit?: string; max?: number; got?: number } {
  return limit === undefined || max === undefined || got === undefined ? {} : { limit, max, got }
}
