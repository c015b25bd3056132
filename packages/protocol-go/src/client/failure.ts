import { type Applied, type Deadline, ProtocolError } from '@sr/protocol'

/** An Error of any thrown value or reason of a signal, `null` included. */
export function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('a value that is not an Error was thrown', { cause: reason })
}

/** Whether an error means that the stream or connection is gone, as against a wrong answer. */
export function isConnectionLoss(err: unknown): boolean {
  const code = codeOf(err)
  return code === 'PROTOCOL_RESET' || code === 'PROTOCOL_CLOSED'
}

/** The error that a failed request rejects with. An abort by this side takes precedence over what it caused. */
export function toRequestError(err: unknown, applied: Applied, { cause, signal }: Deadline): unknown {
  if (cause === 'caller') {
    return new ProtocolError('PROTOCOL_ABORTED', "the caller's signal aborted", { applied, cause: signal.reason })
  }
  if (cause === 'time') {
    return new ProtocolError('PROTOCOL_TIMEOUT', 'the peer did not answer in time', { applied })
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

function codeOf(err: unknown): string {
  const code = (err as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : ''
}

function limitOf({ limit, max, got }: ProtocolError): { limit?: string; max?: number; got?: number } {
  return limit === undefined || max === undefined || got === undefined ? {} : { limit, max, got }
}
