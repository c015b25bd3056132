import {
  type ByteDuplex,
  FrameReader,
  GatheringWriter,
  ProtocolError,
  type ServeContext,
  toRefusal,
  toStreamError,
} from '@sr/protocol'
import {
  encodeRefusal,
  MAX_MESSAGE_BYTES,
  OPS,
  readRequest,
  readRequestHead,
  REQUEST_MS,
  type Request,
  type RequestHead,
} from '@sr/protocol/messages'
import { type ActiveRequest, ActiveRequests } from './active-requests.ts'
import { coarseClock } from './coarse-clock.ts'
import { IN_FLIGHT, type RecordServerInit, type RecordServerTimeouts, TIMEOUTS, WATCHES } from './init.ts'
import { RequestHandler } from './request-handler.ts'
import { timeOf, withWireLimit } from './server-info.ts'
import { StreamEnd } from './stream-end.ts'
import { StreamWatches } from './stream-watches.ts'

/** Bytes of requests under way, and of answers that wait, above which the stream is not read. */
const MAX_HELD_BYTES = 256 * 1024

/** Changes of the bytes of a stream that are not accounted for: less than what a server counts for each stream itself. */
const HOLD_STEP_BYTES = 16 * 1024

/** Messages handed out before other peers have a turn. */
const MESSAGES_PER_TURN = 64

/** Work of one stream before other peers have a turn, milliseconds. */
const SLICE_MS = 2

/** How long a client waits before it asks a server again that is stopping, milliseconds. */
const RESTART_MS = 5000

/** Part of the time of a server that stops after which requests under way are refused. The rest is for what is to be sent. */
const STOP_SHARE = 0.8

/** Members of a machine that an operation needs. */
const NEEDS = { query: 'query', watch: 'watch', explain: 'explain' } as const

/** Serves one stream. */
export class RecordSession {
  readonly #duplex: ByteDuplex
  readonly #context: ServeContext
  readonly #timeouts: RecordServerTimeouts
  readonly #inFlight: number
  readonly #reader = new FrameReader(MAX_MESSAGE_BYTES)
  readonly #writer: GatheringWriter
  readonly #handler: RequestHandler
  readonly #requests = new ActiveRequests()
  readonly #watches: StreamWatches
  readonly #end: StreamEnd
  /** bytes accounted for */
  #held = 0
  #lastId = 0
  /** since when a message has begun and is not complete, while the stream is read; steady time, milliseconds */
  #partialSince: number | undefined
  #activeAt = performance.now()
  /** since when the server stops, steady time, milliseconds */
  #stoppingSince: number | undefined
  /** resumes reading */
  #resume: (() => void) | undefined

  constructor(duplex: ByteDuplex, context: ServeContext, init: RecordServerInit) {
    this.#duplex = duplex
    this.#context = context
    this.#timeouts = { ...TIMEOUTS, ...init.timeouts }
    const limits = { inFlight: init.inFlight ?? IN_FLIGHT, watches: init.watches ?? WATCHES }
    this.#inFlight = limits.inFlight
    this.#writer = new GatheringWriter(duplex, (err) => {
      this.#fail(err)
    })
    this.#end = new StreamEnd(duplex, this.#writer)
    this.#watches = new StreamWatches({
      context,
      writer: this.#writer,
      max: limits.watches,
      creditMs: this.#timeouts.credit,
      refuse: (id, reason) => {
        this.#refuse(id, reason)
      },
    })
    this.#handler = new RequestHandler({
      context,
      network: init.network ?? 'main',
      limits,
      watch: (active, request) => this.#watches.open(active.id, request, () => !active.answered),
      refusal: (err) => this.#refusal(err),
    })
  }

  /** Resolves when the stream has ended in order. Rejects with the error that ended it otherwise. */
  async run(): Promise<void> {
    const { signal, account } = this.#context
    const stop = (): void => {
      this.#stop()
    }
    const leaveClock = coarseClock.add((now) => {
      this.#tick(now)
    })
    signal.addEventListener('abort', stop)
    if (signal.aborted) {
      stop()
    }
    void this.#read()
    try {
      await this.#end.over()
    } finally {
      leaveClock()
      signal.removeEventListener('abort', stop)
      this.#watches.drop(new ProtocolError('PROTOCOL_CLOSED', 'the stream has ended'))
      account.hold(0)
    }
  }

  async #read(): Promise<void> {
    try {
      for (let chunk = await this.#duplex.read(); chunk !== undefined; chunk = await this.#duplex.read()) {
        if (this.#end.isEnding) {
          continue
        }
        this.#reader.push(chunk)
        await this.#readMessages()
      }
      this.#end.endInput()
      if (!this.#end.isEnding && this.#reader.partial) {
        throw new ProtocolError('PROTOCOL_FRAME', 'the stream ended inside a frame')
      }
      this.#endIfDone()
    } catch (err) {
      this.#refuseStream(err)
      if (!this.#end.isOver && !this.#end.inputEnded) {
        // what still arrives is dropped
        void this.#read()
      }
    }
  }

  async #readMessages(): Promise<void> {
    let count = 0
    let since = performance.now()
    for (let message = this.#reader.next(); message !== undefined; message = this.#reader.next()) {
      this.#partialSince = undefined
      this.#activeAt = performance.now()
      await this.#accept(message)
      if (this.#end.isEnding) {
        return
      }
      if (++count % MESSAGES_PER_TURN === 0 || this.#activeAt - since > SLICE_MS) {
        await this.#context.scheduler.yield()
        since = performance.now()
      }
      while (this.#isFull && !this.#end.isEnding) {
        await this.#room()
      }
    }
    // of the first byte: others that arrive now and then do not move the deadline
    this.#partialSince = this.#reader.partial ? (this.#partialSince ?? performance.now()) : undefined
  }

  /** Whether the stream must not be read. */
  get #isFull(): boolean {
    return this.#requests.bytes > MAX_HELD_BYTES || this.#writer.pending > MAX_HELD_BYTES
  }

  /** Resolves when a request has ended or bytes were sent. */
  async #room(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#resume = resolve
      this.#writer.room(MAX_HELD_BYTES).then(
        () => {
          if (this.#requests.bytes <= MAX_HELD_BYTES) {
            resolve()
          }
        },
        () => {
          resolve()
        },
      )
    })
    this.#resume = undefined
  }

  /** @throws ProtocolError for what ends the stream */
  async #accept(message: Uint8Array): Promise<void> {
    const head = readRequestHead(message)
    if (head.op === OPS.cancel || head.op === OPS.credit) {
      this.#control(head)
      // they have no answer, and cost as much as a read
      await this.#context.scheduler.admit('read')
      return
    }
    if (head.id <= this.#lastId) {
      const text = `the id of a request must be above the last one, ${this.#lastId}, got ${head.id}`
      throw new ProtocolError('PROTOCOL_PROTO', text)
    }
    if (this.#stoppingSince !== undefined) {
      return
    }
    this.#lastId = head.id
    try {
      const request = readRequest(head)
      this.#assertServed(request)
      this.#begin(head.id, request, message.length)
    } catch (err) {
      this.#refuse(head.id, err)
    }
  }

  /** @throws ProtocolError `PROTOCOL_PROTO` */
  #control(head: RequestHead): void {
    const control = readRequest(head)
    if (head.id > this.#lastId) {
      throw new ProtocolError('PROTOCOL_PROTO', `there was no request ${head.id}`)
    }
    if (control.op === 'credit') {
      this.#watches.give(head.id, control.bytes)
    } else {
      this.#cancel(head.id)
    }
  }

  #cancel(id: number): void {
    const cancelled = new ProtocolError('PROTOCOL_CANCELLED', 'the client cancelled the request')
    if (this.#watches.end(id, cancelled)) {
      return
    }
    const request = this.#requests.get(id)
    // an update under way is not undone, and ends with its result
    if (request !== undefined && !(request.op === 'update' && request.begun)) {
      this.#giveUp(request, cancelled)
    }
  }

  /** Answers a request before its work has ended. */
  #giveUp(request: ActiveRequest, reason: ProtocolError): void {
    if (!request.answered) {
      request.answered = true
      request.abort?.abort(reason)
      this.#refuse(request.id, reason)
    }
  }

  /** @throws ProtocolError `PROTOCOL_TYPE` for what this server does not offer, `PROTOCOL_BUSY` */
  #assertServed(request: Request): void {
    const { machine } = this.#context
    const needed = NEEDS[request.op as keyof typeof NEEDS]
    if (needed !== undefined && machine[needed] === undefined) {
      throw new ProtocolError('PROTOCOL_TYPE', `this server has no ${needed}`, { subject: needed })
    }
    const max = this.#inFlight
    if (request.op === 'watch') {
      this.#watches.assertRoom(this.#requests.watches)
    } else if (this.#requests.size - this.#requests.watches >= max) {
      const got = this.#requests.size + 1
      throw new ProtocolError('PROTOCOL_BUSY', `requests under way are limited to ${max}`, {
        limit: 'inFlight',
        max,
        got,
      })
    }
  }

  #begin(id: number, request: Request, bytes: number): void {
    const { account } = this.#context
    this.#hold(bytes)
    account.count(`requests.${request.op}`)
    const ms = ('timeoutMs' in request ? request.timeoutMs : undefined) ?? Math.min(REQUEST_MS, this.#timeouts.request)
    const active: ActiveRequest = {
      id,
      op: request.op,
      bytes,
      deadline: performance.now() + ms,
      begun: false,
      answered: false,
      abort: isLong(request) ? new AbortController() : undefined,
    }
    this.#requests.add(active)
    void this.#carryOut(active, request)
  }

  /**
   * Accounts for the bytes of the requests under way, `more` of them new, and of the answers that wait.
   *
   * @throws ProtocolError `PROTOCOL_BUSY` when the server has no room
   */
  #hold(more: number): void {
    const bytes = this.#requests.bytes + more + this.#writer.pending
    if (Math.abs(bytes - this.#held) >= HOLD_STEP_BYTES) {
      this.#context.account.hold(bytes)
      this.#held = bytes
    }
  }

  /** Does the work of a request and answers it. Never rejects. */
  async #carryOut(active: ActiveRequest, request: Request): Promise<void> {
    try {
      const answer = await this.#handler.answer(active, request)
      // a notice that ends the stream is its last message
      if (!active.answered && !this.#end.isEnding && answer !== undefined) {
        active.answered = true
        this.#writer.send(answer)
      }
    } catch (err) {
      if (!active.answered && !this.#end.isEnding) {
        active.answered = true
        this.#refuse(active.id, err)
      }
    }
    this.#requests.delete(active)
    try {
      this.#hold(0)
    } catch (err) {
      // no room for the answer: the client sees a reset
      this.#fail(toStreamError(err))
    }
    this.#resume?.()
    this.#endIfDone()
  }

  #refuse(id: number, err: unknown): void {
    const { machine } = this.#context
    this.#writer.send(encodeRefusal(id, this.#refusal(err), { now: timeOf(machine) }))
  }

  #refusal(err: unknown): ReturnType<typeof toRefusal> {
    const refusal = withWireLimit(toRefusal(err))
    this.#context.account.count(`refused.${refusal.status}`)
    return refusal
  }

  /** Ends the stream after a message about it. */
  #refuseStream(err: unknown): void {
    const error = toStreamError(err)
    if (this.#end.isEnding || error.code === 'PROTOCOL_RESET' || error.code === 'PROTOCOL_CLOSED') {
      this.#fail(error)
      return
    }
    this.#writer.send(encodeRefusal(0, this.#refusal(error)))
    this.#close(error)
    this.#resume?.()
  }

  /** The server stops: what was taken up is answered, and nothing more. */
  #stop(): void {
    this.#stoppingSince = performance.now()
    if (this.#end.isEnding) {
      return
    }
    const shutdown = new ProtocolError('PROTOCOL_SHUTDOWN', 'the server is stopping', { waitMs: RESTART_MS })
    this.#writer.send(encodeRefusal(0, toRefusal(shutdown), { last: this.#lastId }))
    this.#watches.endAll(shutdown)
    this.#endIfDone()
  }

  #endIfDone(): void {
    if (this.#requests.size === 0 && (this.#end.inputEnded || this.#stoppingSince !== undefined)) {
      this.#close(undefined)
    }
  }

  /** Ends this side after what was sent. */
  #close(failure: ProtocolError | undefined): void {
    if (!this.#end.isEnding) {
      this.#watches.drop(failure ?? new ProtocolError('PROTOCOL_CLOSED', 'the stream has ended'))
      this.#end.begin(failure)
    }
  }

  #fail(error: ProtocolError): void {
    this.#end.fail(error)
    this.#resume?.()
  }

  /** Deadlines, about ten times a second. */
  #tick(now: number): void {
    const { frame, write, idle, stop } = this.#timeouts
    const stopping = now - (this.#stoppingSince ?? now)
    if (stopping > stop) {
      this.#fail(new ProtocolError('PROTOCOL_SHUTDOWN', 'the server has stopped'))
    } else if (this.#writer.pending > 0 && now - this.#writer.progressAt > write) {
      this.#fail(late('write', write))
    } else if (this.#end.isEnding) {
      this.#end.tick(now)
    } else {
      this.#giveUpLate(now)
      this.#watches.tick(now)
      if (stopping > STOP_SHARE * stop) {
        this.#giveUpLate(Infinity, 'PROTOCOL_SHUTDOWN')
        this.#close(undefined)
      } else if (this.#partialSince !== undefined && now - this.#partialSince > frame) {
        this.#refuseStream(late('frame', frame))
      } else if (this.#requests.size === 0 && this.#watches.size === 0 && now - this.#activeAt > idle) {
        this.#close(undefined)
      }
    }
  }

  /** Ends requests whose time is up before `now`. An update under way may still be stored. */
  #giveUpLate(now: number, code: 'PROTOCOL_TIMEOUT' | 'PROTOCOL_SHUTDOWN' = 'PROTOCOL_TIMEOUT'): void {
    for (const request of this.#requests.late(now)) {
      const applied = request.op === 'update' && request.begun ? 'unknown' : 'no'
      this.#giveUp(request, new ProtocolError(code, 'the time of the request is up', { applied }))
    }
  }
}

/** Whether a read may take several steps, between which it can be given up. */
function isLong(request: Request): boolean {
  return (
    request.op === 'query' ||
    (request.op === 'get' && (request.as === 'updates' || request.at !== undefined || request.after !== undefined))
  )
}

function late(limit: string, max: number): ProtocolError {
  return new ProtocolError('PROTOCOL_TIMEOUT', `${limit} took longer than ${max} ms`, { limit, max, got: max })
}
