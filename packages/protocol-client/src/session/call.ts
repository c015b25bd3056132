import { ProtocolError } from '@sr/protocol'
import { readRefusal, type Request, REQUEST_MS, type ServerMessage } from '@sr/protocol/messages'
import { after } from '@sr/runtime'
import type { Receiver, RecordStream } from './record-stream.ts'
import { backoffMs, isRepeatable, isWorthRepeating } from './repeat.ts'

/** What a call came to. */
export interface Outcome {
  readonly message: ServerMessage
  /** whether an earlier attempt ended without an answer, so that it may have taken effect, too */
  readonly isRepeated: boolean
}

/** What sends a call. */
export interface CallOwner {
  enqueue(call: Call): void
  ended(call: Call): void
}

/** One request of a caller, through all its attempts. */
export class Call implements Receiver {
  readonly request: Request
  readonly deadline: number
  readonly promise: Promise<Outcome>
  readonly #owner: CallOwner
  readonly #signal: AbortSignal | undefined
  readonly #settle: PromiseWithResolvers<Outcome>
  #onAbort: (() => void) | undefined
  #cancelWait: (() => void) | undefined
  /** where and when it was sent; undefined while it waits */
  #sent: { readonly stream: RecordStream; readonly id: number; readonly at: number } | undefined
  #attempts = 0
  /** whether it waits for a stream, or for others on it */
  isQueued = false
  /** whether an attempt ended without an answer */
  #isUnsure = false

  constructor(owner: CallOwner, request: Request, deadline: number, signal: AbortSignal | undefined) {
    this.#owner = owner
    this.request = request
    this.deadline = deadline
    this.#signal = signal
    this.#settle = Promise.withResolvers()
    this.promise = this.#settle.promise
    if (signal !== undefined) {
      this.#onAbort = () => {
        this.giveUp(new ProtocolError('PROTOCOL_ABORTED', "the caller's signal aborted", { cause: signal.reason }))
      }
      signal.addEventListener('abort', this.#onAbort)
    }
  }

  get wasSent(): boolean {
    return this.#attempts > 0
  }

  send(stream: RecordStream, now: number): void {
    this.#attempts++
    this.isQueued = false
    const { request, deadline } = this
    const left = Math.floor(deadline - now)
    // a server gives a request 10 s unless it asks for another time
    const isTimed = left < REQUEST_MS && (request.op === 'update' || request.op === 'get' || request.op === 'query')
    const timed = isTimed ? { ...request, timeoutMs: Math.max(1, left) } : request
    this.#sent = { stream, id: stream.send(timed, this), at: now }
  }

  end(message: ServerMessage): void {
    this.#sent = undefined
    if (message.type === 'answer') {
      this.#done()
      this.#settle.resolve({ message, isRepeated: this.#isUnsure })
      return
    }
    const error = readRefusal(message.code, message.rest[0])
    if (isWorthRepeating(error) && (error.applied === 'no' || isRepeatable(this.request))) {
      this.#isUnsure ||= error.applied !== 'no'
      this.#again(error)
    } else {
      this.#reject(error)
    }
  }

  lost(error: ProtocolError, isUntouched: boolean): void {
    this.#sent = undefined
    this.#isUnsure ||= !isUntouched
    if (isUntouched || (isRepeatable(this.request) && isWorthRepeating(error))) {
      this.#again(error)
    } else {
      this.#reject(error)
    }
  }

  /** No stream could be opened. A call that was sent before tries again: the server may be starting. */
  unreachable(error: ProtocolError): void {
    if (this.wasSent) {
      this.#again(error)
    } else {
      this.#reject(error)
    }
  }

  /** Ends the call from this side. */
  giveUp(error: ProtocolError): void {
    const sent = this.#sent
    this.#sent = undefined
    this.#isUnsure ||= sent !== undefined
    sent?.stream.cancel(sent.id)
    this.#reject(error)
  }

  /** The time is up. A server that has sent nothing since the request will not answer other requests on this stream either. */
  expire(timeoutMs: number): void {
    const sent = this.#sent
    const message = `the server did not answer within ${timeoutMs} ms`
    const error = new ProtocolError('PROTOCOL_TIMEOUT', message, { limit: 'timeoutMs', max: timeoutMs, got: timeoutMs })
    this.giveUp(error)
    if (sent !== undefined && sent.stream.heardAt <= sent.at) {
      sent.stream.fail(new ProtocolError('PROTOCOL_CLOSED', 'the server is silent', { cause: error }))
    }
  }

  #again(error: ProtocolError): void {
    const wait = error.waitMs ?? backoffMs(this.#attempts - 1)
    if (performance.now() + wait >= this.deadline) {
      this.#reject(error)
      return
    }
    this.#cancelWait = after(wait, () => {
      this.#cancelWait = undefined
      this.#owner.enqueue(this)
    })
  }

  #reject(error: ProtocolError): void {
    this.#done()
    const isUpdate = this.request.op === 'update'
    this.#settle.reject(isUpdate && this.#isUnsure && error.applied === 'no' ? withApplied(error, 'unknown') : error)
  }

  #done(): void {
    this.#cancelWait?.()
    if (this.#onAbort !== undefined) {
      this.#signal?.removeEventListener('abort', this.#onAbort)
    }
    this.#owner.ended(this)
  }
}

/** A copy of an error that says something else about its effect. */
export function withApplied(error: ProtocolError, applied: ProtocolError['applied']): ProtocolError {
  return new ProtocolError(error.code, error.message, { ...error, applied, cause: error })
}
