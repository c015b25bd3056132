import {
  type ByteDuplex,
  FrameReader,
  GatheringWriter,
  ProtocolError,
  type RequestKind,
  type ServeContext,
  toRefusal,
  toStreamError,
} from '@sr/protocol'
import {
  encodeExplained,
  encodeInformed,
  encodePong,
  encodeRefusal,
  encodeUpdated,
  MAX_MESSAGE_BYTES,
  OPS,
  readRequest,
  readRequestHead,
  REQUEST_MS,
  type Request,
  type RequestHead,
  type UpdateRequest,
  type WatchRequest,
} from '@sr/protocol/messages'
import { latin1 } from '@sr/xr/codec-kit'
import { type ActiveRequest, ActiveRequests } from './active-requests.ts'
import { coarseClock } from './coarse-clock.ts'
import { IN_FLIGHT, type RecordServerInit, type RecordServerTimeouts, TIMEOUTS, WATCHES } from './init.ts'
import { KeyQueue } from './key-queue.ts'
import { answerGet, answerQuery, readPath, selection } from './reads.ts'
import { serverInfo, timeOf } from './server-info.ts'
import { explain, itemKey, submit } from './updates.ts'
import { WatchStream } from './watch-stream.ts'

/** Bytes of requests under way, and of answers that wait, above which the stream is not read. */
const MAX_HELD_BYTES = 256 * 1024

/** Messages handed out before other peers have a turn. */
const MESSAGES_PER_TURN = 64

/** How long a peer has to end its side after this one has, milliseconds. */
const LINGER_MS = 1000

/** How long a client waits before it asks a server again that is stopping, milliseconds. */
const RESTART_MS = 5000

/** Members of a machine that an operation needs. */
const NEEDS = { query: 'query', watch: 'watch', explain: 'explain' } as const

/** Serves one stream. */
export class RecordSession {
  readonly #duplex: ByteDuplex
  readonly #context: ServeContext
  readonly #network: string
  readonly #timeouts: RecordServerTimeouts
  readonly #limits: { readonly inFlight: number; readonly watches: number }
  readonly #reader = new FrameReader(MAX_MESSAGE_BYTES)
  readonly #writer: GatheringWriter
  readonly #queue = new KeyQueue()
  readonly #requests = new ActiveRequests()
  readonly #watches = new Map<number, WatchStream>()
  readonly #over = Promise.withResolvers<void>()
  #lastId = 0
  #failure: ProtocolError | undefined
  /** since when a message has begun and is not complete, while the stream is read; steady time, milliseconds */
  #partialSince: number | undefined
  #activeAt = performance.now()
  /** whether the client has ended its side */
  #inputEnded = false
  #stopping = false
  #ending = false
  /** resumes reading */
  #resume: (() => void) | undefined

  constructor(duplex: ByteDuplex, context: ServeContext, init: RecordServerInit) {
    this.#duplex = duplex
    this.#context = context
    this.#network = init.network ?? 'main'
    this.#timeouts = { ...TIMEOUTS, ...init.timeouts }
    this.#limits = { inFlight: init.inFlight ?? IN_FLIGHT, watches: init.watches ?? WATCHES }
    this.#writer = new GatheringWriter(duplex, (err) => {
      this.#fail(err)
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
      await this.#over.promise
      if (this.#failure !== undefined) {
        throw this.#failure
      }
    } finally {
      leaveClock()
      signal.removeEventListener('abort', stop)
      for (const watch of this.#watches.values()) {
        watch.end()
      }
      account.hold(0)
    }
  }

  async #read(): Promise<void> {
    try {
      for (let chunk = await this.#duplex.read(); chunk !== undefined; chunk = await this.#duplex.read()) {
        if (this.#ending) {
          continue
        }
        this.#reader.push(chunk)
        await this.#readMessages()
      }
      this.#inputEnded = true
      if (this.#reader.partial) {
        throw new ProtocolError('PROTOCOL_FRAME', 'the stream ended inside a frame')
      }
      this.#endIfDone()
    } catch (err) {
      this.#refuseStream(err)
    }
  }

  async #readMessages(): Promise<void> {
    let count = 0
    for (let message = this.#reader.next(); message !== undefined; message = this.#reader.next()) {
      this.#partialSince = undefined
      this.#activeAt = performance.now()
      await this.#accept(message)
      if (this.#ending) {
        return
      }
      if (++count % MESSAGES_PER_TURN === 0) {
        await this.#context.scheduler.yield()
      }
      while (this.#requests.bytes > MAX_HELD_BYTES || this.#writer.pending > MAX_HELD_BYTES) {
        await this.#room()
      }
    }
    this.#partialSince = this.#reader.partial ? performance.now() : undefined
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
    if (this.#stopping) {
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
      this.#watches.get(head.id)?.give(control.bytes)
    } else {
      this.#cancel(head.id)
    }
  }

  #cancel(id: number): void {
    const cancelled = new ProtocolError('PROTOCOL_CANCELLED', 'the client cancelled the request')
    const watch = this.#watches.get(id)
    if (watch !== undefined) {
      this.#endWatch(id, watch, cancelled)
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
    const { inFlight, watches } = this.#limits
    if (request.op === 'watch' && this.#watches.size >= watches) {
      throw busy('watches', watches, this.#watches.size + 1)
    }
    if (this.#requests.size >= inFlight) {
      throw busy('inFlight', inFlight, this.#requests.size + 1)
    }
  }

  #begin(id: number, request: Request, bytes: number): void {
    const { account } = this.#context
    account.hold(this.#requests.bytes + bytes + this.#writer.pending)
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

  /** Does the work of a request and answers it. Never rejects. */
  async #carryOut(active: ActiveRequest, request: Request): Promise<void> {
    try {
      const answer = await this.#answer(active, request)
      if (!active.answered && answer !== undefined) {
        active.answered = true
        this.#writer.send(answer)
      }
    } catch (err) {
      if (!active.answered) {
        active.answered = true
        this.#refuse(active.id, err)
      }
    }
    this.#requests.delete(active)
    this.#context.account.hold(this.#requests.bytes + this.#writer.pending)
    this.#resume?.()
    this.#endIfDone()
  }

  /** The message that answers a request; undefined for a watch, which has none. */
  async #answer(active: ActiveRequest, request: Request): Promise<Uint8Array | undefined> {
    const { machine, peer } = this.#context
    const { id } = active
    const signal = active.abort?.signal
    switch (request.op) {
      case 'update':
        return await this.#update(active, request)
      case 'get':
        return await this.#ordered(active, request.key, 'read', () => answerGet(machine, id, request, signal))
      case 'query':
        return await this.#ordered(active, request.key, 'read', () => answerQuery(machine, id, request, signal))
      case 'explain':
        return await this.#ordered(active, itemKey(request.item), 'update', async () => {
          return encodeExplained(id, await explain(request.item, this.#context), { now: timeOf(machine) })
        })
      case 'watch':
        return await this.#ordered(active, request.key, 'read', () => this.#watch(active, request))
      case 'info':
        return await this.#work(active, 'read', async () => {
          const limits = this.#limits
          return encodeInformed(id, await serverInfo(machine, { peer, network: this.#network, limits }))
        })
      case 'ping':
        return await this.#work(active, 'read', async () => encodePong(id, timeOf(machine)))
      default:
        return undefined
    }
  }

  /** The items of one record in order. Each has a result; none depends on another. */
  async #update(active: ActiveRequest, { items }: UpdateRequest): Promise<Uint8Array> {
    const { machine } = this.#context
    const results = items.map(async (item) => {
      try {
        return await this.#ordered(active, itemKey(item), 'update', () => submit(item, this.#context))
      } catch (err) {
        return this.#refusal(err)
      }
    })
    return encodeUpdated(active.id, await Promise.all(results), { now: timeOf(machine) })
  }

  /** Work on the record of a key, after what was asked of it before on this stream. */
  async #ordered<T>(active: ActiveRequest, key: Uint8Array, kind: RequestKind, work: () => Promise<T>): Promise<T> {
    return await this.#queue.run(latin1(key), () => this.#work(active, kind, work))
  }

  async #work<T>(active: ActiveRequest, kind: RequestKind, work: () => Promise<T>): Promise<T> {
    const { scheduler } = this.#context
    await scheduler.admit(kind)
    await scheduler.turn()
    if (active.answered) {
      throw new ProtocolError('PROTOCOL_CANCELLED', 'the request has ended')
    }
    active.begun = true
    return await work()
  }

  async #watch({ id, answered }: ActiveRequest, request: WatchRequest): Promise<undefined> {
    const { machine, scheduler } = this.#context
    const { key, credit, at, as, renewed, from } = request
    const options = { ...selection(request), at: readPath(at), as, renewed, from }
    const watch = await (machine.watch as NonNullable<typeof machine.watch>)(key, options)
    if (answered || this.#stopping || this.#ending) {
      await watch.return()
      throw new ProtocolError('PROTOCOL_SHUTDOWN', 'the server is stopping')
    }
    const stream = new WatchStream({ id, writer: this.#writer, credit, turn: () => scheduler.turn() })
    this.#watches.set(id, stream)
    stream.run(watch).then(
      () => {
        this.#endWatch(id, stream, new ProtocolError('PROTOCOL_SHUTDOWN', 'the watch ended'))
      },
      (err: unknown) => {
        this.#endWatch(id, stream, err)
      },
    )
    return undefined
  }

  #endWatch(id: number, watch: WatchStream, reason: unknown): void {
    if (this.#watches.get(id) === watch) {
      this.#watches.delete(id)
      watch.end()
      this.#refuse(id, reason)
    }
  }

  #refuse(id: number, err: unknown): void {
    const { machine } = this.#context
    this.#writer.send(encodeRefusal(id, this.#refusal(err), { now: timeOf(machine) }))
  }

  #refusal(err: unknown): ReturnType<typeof toRefusal> {
    const refusal = toRefusal(err)
    this.#context.account.count(`refused.${refusal.status}`)
    return refusal
  }

  /** Ends the stream after a message about it. */
  #refuseStream(err: unknown): void {
    const error = toStreamError(err)
    if (this.#ending || error.code === 'PROTOCOL_RESET' || error.code === 'PROTOCOL_CLOSED') {
      this.#fail(error)
      return
    }
    this.#writer.send(encodeRefusal(0, toRefusal(error)))
    void this.#end(error)
    // what still arrives is dropped
    void this.#read()
  }

  /** The server stops: what was taken up is answered, and nothing more. */
  #stop(): void {
    this.#stopping = true
    const shutdown = new ProtocolError('PROTOCOL_SHUTDOWN', 'the server is stopping', { waitMs: RESTART_MS })
    this.#writer.send(encodeRefusal(0, toRefusal(shutdown), { last: this.#lastId }))
    for (const [id, watch] of [...this.#watches]) {
      this.#endWatch(id, watch, shutdown)
    }
    this.#endIfDone()
  }

  #endIfDone(): void {
    if (this.#requests.size === 0 && (this.#inputEnded || this.#stopping) && !this.#ending) {
      void this.#end(undefined)
    }
  }

  /** Ends this side after what was sent, and waits a little for the other side. */
  async #end(failure: ProtocolError | undefined): Promise<void> {
    if (this.#ending) {
      return
    }
    this.#ending = true
    try {
      await this.#writer.end()
    } catch (err) {
      this.#fail(toStreamError(err))
      return
    }
    this.#failure ??= failure
    const deadline = performance.now() + LINGER_MS
    const leave = coarseClock.add((now) => {
      if (this.#inputEnded || now >= deadline) {
        leave()
        if (!this.#inputEnded) {
          this.#duplex.abort(failure ?? new ProtocolError('PROTOCOL_TIMEOUT', 'the peer did not end its side'))
        }
        this.#over.resolve()
      }
    })
  }

  #fail(error: ProtocolError): void {
    if (this.#failure === undefined || !this.#ending) {
      this.#failure ??= error
      this.#ending = true
      this.#duplex.abort(error)
    }
    this.#resume?.()
    this.#over.resolve()
  }

  /** Deadlines, about ten times a second. */
  #tick(now: number): void {
    const { frame, write, idle, credit } = this.#timeouts
    if (this.#ending) {
      return
    }
    if (this.#writer.pending > 0 && now - this.#writer.progressAt > write) {
      this.#fail(late('write', write))
    } else if (this.#partialSince !== undefined && now - this.#partialSince > frame) {
      this.#refuseStream(late('frame', frame))
    } else if (this.#requests.size === 0 && this.#watches.size === 0 && now - this.#activeAt > idle) {
      void this.#end(undefined)
    }
    for (const request of this.#requests.late(now)) {
      const applied = request.op === 'update' && request.begun ? 'unknown' : 'no'
      this.#giveUp(request, new ProtocolError('PROTOCOL_TIMEOUT', 'the time of the request is up', { applied }))
    }
    for (const [id, watch] of this.#watches) {
      if (now - (watch.starvingSince ?? now) > credit) {
        const slow = new ProtocolError('PROTOCOL_SLOW_CONSUMER', `a watch had no credit for ${credit} ms`)
        this.#endWatch(id, watch, slow)
      }
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

function busy(limit: string, max: number, got: number): ProtocolError {
  return new ProtocolError('PROTOCOL_BUSY', `${limit} are limited to ${max}, got ${got}`, { limit, max, got })
}
