import {
  type ByteDuplex,
  type ClientSession,
  Deadline,
  type DocumentView,
  type GetOptions,
  keyBytes,
  ProtocolError,
  type RecordView,
  REQUEST_TIMEOUT_MS,
  type UpdateOptions,
  type UpdateReceipt,
} from '@sr/protocol'
import { after, raceSignal } from '@sr/runtime'
import { from, isKind, LIMITS, type Plain, size, type XrError } from '@sr/xr'
import { goDocument } from '../codec/document.ts'
import { goMessage, type GoMessage, type GoMessageInit } from '../codec/message.ts'
import { goRecordValue } from '../codec/record-value.ts'
import { GO_PROTOCOL, MAX_GO_TTL_S } from '../limits.ts'
import { isConnectionLoss, type Phase, toError, toRequestError } from './failure.ts'
import { Mutex } from './mutex.ts'
import { assertAnswers, encodeRequest } from './request.ts'
import { RequestStream } from './request-stream.ts'

/** Silence after which a stream is ended, ms: before a Go server resets it, after 60 s. */
const IDLE_MS = 50_000

/** Longest wait for earlier calls, ms: three of them that time out. */
const WAIT_MS = 60_000

/** What this protocol does not say of a document. */
const NOT_TOLD = { seq: 0, signed: false, forked: false, next: undefined, ends: undefined } as const

/** The answer to an update echoes its key and says nothing else. */
const RECEIPT: UpdateReceipt = Object.freeze({
  stored: true,
  changed: true,
  forked: false,
  seq: 0,
  counter: 0,
  expires: undefined,
  charge: 0,
  unread: [],
})

/** Timing of the client side. */
export interface GoClientInit {
  /**
   * time of the peer, ms: to open a stream, and from sending a request to its answer; Infinity for no limit; default 20,000,
   * since a Go server may dial for 5 s per address before it answers
   */
  readonly timeoutMs?: number
  /** how long a call waits for earlier calls to the same peer, ms; Infinity for no limit; default 60,000 */
  readonly waitMs?: number
  /** silence after which the stream is ended, ms; Infinity for never; default 50,000 */
  readonly idleMs?: number
}

/** One call, from its wait for earlier ones to its answer. */
interface Call {
  readonly request: GoMessageInit
  /** the request as it is sent */
  readonly bytes: Uint8Array
  readonly deadline: Deadline
  phase: Phase
}

/** Requests to one peer, one at a time on one stream, which is opened when it is needed and kept. */
export class GoClientSession implements ClientSession {
  readonly #open: (signal: AbortSignal) => Promise<ByteDuplex>
  readonly #timeoutMs: number
  readonly #waitMs: number
  readonly #idleMs: number
  readonly #mutex = new Mutex()
  /** aborts the requests made since the last `close` */
  #closing = new AbortController()
  #stream: RequestStream | undefined
  #cancelIdle: (() => void) | undefined

  constructor(open: (signal: AbortSignal) => Promise<ByteDuplex>, init: GoClientInit) {
    this.#open = open
    this.#timeoutMs = init.timeoutMs ?? REQUEST_TIMEOUT_MS
    this.#waitMs = init.waitMs ?? WAIT_MS
    this.#idleMs = init.idleMs ?? IDLE_MS
  }

  async get(key: Uint8Array | string, options: GetOptions = {}): Promise<RecordView> {
    // read before the wait: the caller may reuse what it hands in
    const { signal, writers, onUnreadable = rejectDocument } = options
    const limits = { ...options.limits }
    const wanted = writers === undefined ? undefined : new Set(writers)
    const answer = await this.#ask({ type: 'get', key: keyBytes(key) }, signal)
    const documents = new Map<string, DocumentView>()
    for (const [writer, document] of goRecordValue.decode(answer.value, limits, { onUnreadable })) {
      if (wanted === undefined || wanted.has(writer)) {
        documents.set(writer, { document, ...NOT_TOLD })
      }
    }
    return { revision: undefined, unchanged: false, partial: false, documents }
  }

  async update(key: Uint8Array | string, document: Plain, options: UpdateOptions): Promise<UpdateReceipt> {
    const { ttl, ifSeq, signal } = options
    if (ifSeq !== undefined) {
      throw unsupported('ifSeq')
    }
    const body = from(document)
    if (!isKind(body, 'dict')) {
      throw new ProtocolError(
        'PROTOCOL_DOC',
        'expected a Dict as document: this protocol cannot carry $set or $remove of the whole; remove entries by key=$remove()',
      )
    }
    if (!Number.isInteger(ttl) || ttl < 1 || ttl > MAX_GO_TTL_S) {
      throw new ProtocolError(
        'PROTOCOL_TTL',
        `ttl must be a whole number of seconds from 1 to ${MAX_GO_TTL_S}, not ${ttl}`,
      )
    }
    if (size(body) > LIMITS.size) {
      throw new ProtocolError('PROTOCOL_TOO_LARGE', `an update is limited to ${LIMITS.size} bytes, got ${size(body)}`, {
        limit: 'size',
        max: LIMITS.size,
        got: size(body),
      })
    }
    await this.#ask({ type: 'update', key: keyBytes(key), value: goDocument.encode(body), ttl: BigInt(ttl) }, signal)
    return RECEIPT
  }

  async getAt(): Promise<never> {
    throw unsupported('getAt')
  }

  async getUpdates(): Promise<never> {
    throw unsupported('getUpdates')
  }

  query(): never {
    throw unsupported('query')
  }

  watch(): never {
    throw unsupported('watch')
  }

  async submit(): Promise<never> {
    throw unsupported('submit')
  }

  async explain(): Promise<never> {
    throw unsupported('explain')
  }

  async info(): Promise<never> {
    throw unsupported('info')
  }

  async ping(): Promise<never> {
    throw unsupported('ping')
  }

  get idle(): boolean {
    return this.#mutex.idle && this.#stream?.usable !== true
  }

  close(): void {
    const reason = new ProtocolError('PROTOCOL_SHUTDOWN', 'the session was closed', { applied: 'unknown' })
    const closing = this.#closing
    this.#closing = new AbortController()
    const busy = !this.#mutex.idle
    closing.abort(reason)
    if (busy) {
      this.#drop(reason)
    } else {
      // in order: to the other side a reset would be a failure
      this.#end()
    }
  }

  async #ask(request: GoMessageInit, caller: AbortSignal | undefined): Promise<GoMessage> {
    const bytes = encodeRequest(request)
    const deadline = new Deadline().follow('close', this.#closing.signal).follow('caller', caller)
    const call: Call = { request, bytes, deadline, phase: 'waiting' }
    // the wait for this side's own calls is not the peer's time
    deadline.start(this.#waitMs, 'earlier calls')
    try {
      const answer = await this.#mutex.run(async () => await this.#talk(call), deadline.signal)
      return assertAnswers(goMessage.decode(answer), request)
    } catch (err) {
      throw toRequestError(err, request.type, call.phase, deadline)
    } finally {
      deadline.end()
    }
  }

  /**
   * One request and its answer. A get is made once more on a new stream when a stream used before turns out to be gone.
   * An update is not: it may have been applied, and applied again it could undo another device's later update.
   */
  async #talk(call: Call): Promise<Uint8Array> {
    const { signal } = call.deadline
    this.#cancelIdle?.()
    try {
      const kept = this.#stream
      if (kept?.usable === true) {
        try {
          return await this.#on(kept, call)
        } catch (err) {
          if (call.request.type === 'update' || signal.aborted || kept.answering || !isConnectionLoss(err)) {
            throw err
          }
        }
      }
      this.#drop(new ProtocolError('PROTOCOL_CLOSED', 'the stream was replaced'))
      signal.throwIfAborted()
      this.#begin(call, 'opening')
      return await this.#on(await this.#dial(signal), call)
    } finally {
      this.#rest()
    }
  }

  /** Begins a phase of a call, which has the whole time of the peer. */
  #begin(call: Call, phase: Phase): void {
    call.phase = phase
    call.deadline.start(this.#timeoutMs, 'the peer')
  }

  async #dial(signal: AbortSignal): Promise<RequestStream> {
    const opening = this.#open(signal)
    let duplex: ByteDuplex
    try {
      duplex = await raceSignal(opening, signal)
    } catch (cause) {
      // it may still open, and is not needed any more
      opening.then(
        (late) => {
          late.abort(new ProtocolError('PROTOCOL_ABORTED', 'the stream is not needed any more'))
        },
        () => {},
      )
      signal.throwIfAborted()
      throw new ProtocolError('PROTOCOL_UNREACHABLE', 'no stream to the peer could be opened', { cause })
    }
    if (signal.aborted) {
      // closed in the meantime, when there was no stream to abort yet
      duplex.abort(toError(signal.reason))
      throw signal.reason
    }
    this.#stream = new RequestStream(duplex)
    return this.#stream
  }

  async #on(stream: RequestStream, call: Call): Promise<Uint8Array> {
    const { signal } = call.deadline
    signal.throwIfAborted()
    try {
      this.#begin(call, 'sent')
      return await stream.ask(call.bytes, signal)
    } catch (err) {
      // a late answer would be taken for the answer to the next request
      stream.abort(toError(err))
      throw err
    }
  }

  #rest(): void {
    if (this.#stream !== undefined) {
      const end = (): void => {
        if (this.#mutex.idle) {
          this.#end()
        }
      }
      this.#cancelIdle = after(this.#idleMs, end, { keepAlive: false })
    }
  }

  #end(): void {
    this.#cancelIdle?.()
    this.#stream?.end()
    this.#stream = undefined
  }

  #drop(reason: ProtocolError): void {
    this.#cancelIdle?.()
    const stream = this.#stream
    this.#stream = undefined
    stream?.abort(reason)
  }
}

/** The default of `onUnreadable`: the call fails, since no document is left out silently. */
function rejectDocument(writer: string, error: XrError): never {
  throw error.with(
    { path: [writer, ...(error.path ?? [])] },
    `the document of ${writer} cannot be read: ${error.message}; pass onUnreadable to have those of the others`,
  )
}

function unsupported(subject: string): ProtocolError {
  return new ProtocolError('PROTOCOL_UNSUPPORTED', `${GO_PROTOCOL} has no ${subject}`, { subject })
}
