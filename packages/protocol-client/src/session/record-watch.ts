import { ProtocolError, type WatchPart } from '@sr/protocol'
import { MIN_CREDIT_BYTES, readPart, readRefusal, type ServerMessage, type WatchRequest } from '@sr/protocol/messages'
import { after } from '@sr/runtime'
import type { Calls } from './calls.ts'
import { PartReader } from './parts.ts'
import type { Receiver, RecordStream } from './record-stream.ts'
import { backoffMs, isWorthRepeating } from './repeat.ts'

type Result = IteratorResult<WatchPart, undefined>

/** What a {@link RecordWatch} is made of. */
export interface RecordWatchInit {
  readonly request: Omit<WatchRequest, 'credit'>
  readonly creditBytes: number
  /** longest random wait before a lost stream is replaced, milliseconds */
  readonly jitterMs: number
  readonly signal: AbortSignal | undefined
  /** called once, when the watch has ended */
  readonly onEnd: (watch: RecordWatch) => void
}

/** A part that the application has not taken yet, and the bytes that the server sent for it. */
interface Waiting {
  readonly part: WatchPart
  readonly bytes: number
}

/** A watch of one record: it opens a stream when it is pulled first, and another one when that is lost. */
export class RecordWatch implements AsyncIterableIterator<WatchPart, undefined> {
  readonly #calls: Calls
  readonly #init: RecordWatchInit
  readonly #reader: PartReader
  readonly #queue: Waiting[] = []
  readonly #pulls: Array<PromiseWithResolvers<Result>> = []
  #sent: { readonly stream: RecordStream; readonly id: number } | undefined
  /** bytes that the application has taken and that were not given back */
  #taken = 0
  /** attempts since the last marker */
  #attempts = 0
  /** whether a server has sent a part */
  #wasServed = false
  /** where the watch stands: it has not begun, a stream serves it, one is being opened, the next pull opens one */
  #state: 'new' | 'served' | 'opening' | 'resting' | 'ended' = 'new'
  #failure: Error | undefined
  #cancelWait: (() => void) | undefined
  readonly #onAbort: () => void

  constructor(calls: Calls, init: RecordWatchInit) {
    const { signal } = init
    this.#calls = calls
    this.#init = init
    this.#reader = new PartReader(init.request.from)
    this.#onAbort = () => {
      this.stop(new ProtocolError('PROTOCOL_ABORTED', "the caller's signal aborted", { cause: signal?.reason }))
    }
    signal?.addEventListener('abort', this.#onAbort)
    if (signal?.aborted === true) {
      this.#onAbort()
    }
  }

  async next(): Promise<Result> {
    if (this.#pulls.length === 0 && this.#queue.length > 0) {
      return { done: false, value: this.#take() }
    }
    if (this.#state === 'ended') {
      return this.#last()
    }
    const pull = Promise.withResolvers<Result>()
    this.#pulls.push(pull)
    if (this.#state === 'new' || this.#state === 'resting') {
      this.#open()
    }
    return await pull.promise
  }

  async return(): Promise<Result> {
    this.stop(undefined)
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** Ends the watch from this side, without the parts that the application has not taken. */
  stop(error: ProtocolError | undefined): void {
    this.#queue.length = 0
    this.end(error)
  }

  /** Ends the watch; `next` rejects with the error once, if there is one, after the parts that were received. */
  end(error: Error | undefined): void {
    if (this.#state === 'ended') {
      return
    }
    this.#state = 'ended'
    this.#failure = error
    this.#cancelWait?.()
    this.#init.signal?.removeEventListener('abort', this.#onAbort)
    this.#sent?.stream.cancel(this.#sent.id)
    this.#sent = undefined
    this.#init.onEnd(this)
    for (const pull of this.#pulls.splice(0)) {
      this.#last().then(pull.resolve, pull.reject)
    }
  }

  async #last(): Promise<Result> {
    const error = this.#failure
    this.#failure = undefined
    if (error !== undefined) {
      throw error
    }
    return { done: true, value: undefined }
  }

  #open(): void {
    this.#state = 'opening'
    this.#attempts++
    this.#calls.stream().then(
      (stream) => this.#begin(stream),
      (error: ProtocolError) => this.#lost(error),
    )
  }

  #begin(stream: RecordStream): void {
    if (this.#state !== 'opening') {
      return
    }
    if (!stream.usable) {
      this.#open() // it ended in the meantime
      return
    }
    this.#state = 'served'
    this.#taken = 0
    this.#reader.restart()
    const waiting = this.#queue.reduce((sum, { bytes }) => sum + bytes, 0)
    // what the application has not taken counts as sent
    const credit = Math.max(MIN_CREDIT_BYTES, this.#init.creditBytes - waiting)
    const receiver: Receiver = {
      part: (message, bytes) => this.#part(message, bytes),
      end: (message) => this.#refused(message),
      lost: (error) => this.#lost(error),
    }
    const request: WatchRequest = { ...this.#init.request, credit, from: this.#reader.from }
    this.#sent = { stream, id: stream.send(request, receiver) }
  }

  #part(message: ServerMessage, bytes: number): void {
    const part = readPart(message)
    this.#wasServed = true
    let parts: WatchPart[]
    try {
      parts = part === undefined ? [] : this.#reader.read(part)
    } catch (err) {
      this.end(err as Error)
      return
    }
    if (part?.kind === 'marker') {
      this.#attempts = 0
    }
    if (parts.length === 0) {
      this.#giveBack(bytes)
      return
    }
    parts.forEach((one, i) => this.#queue.push({ part: one, bytes: i === parts.length - 1 ? bytes : 0 }))
    while (this.#pulls.length > 0 && this.#queue.length > 0) {
      this.#pulls.shift()?.resolve({ done: false, value: this.#take() })
    }
  }

  #take(): WatchPart {
    const { part, bytes } = this.#queue.shift() as Waiting
    this.#giveBack(bytes)
    return part
  }

  /** Lets the server send more once half of the credit was taken by the application. */
  #giveBack(bytes: number): void {
    this.#taken += bytes
    if (this.#sent !== undefined && this.#taken >= Math.max(MIN_CREDIT_BYTES, this.#init.creditBytes / 2)) {
      this.#sent.stream.credit(this.#sent.id, this.#taken)
      this.#taken = 0
    }
  }

  #refused(message: ServerMessage): void {
    this.#sent = undefined
    if (message.type === 'answer') {
      this.end(new ProtocolError('PROTOCOL_ANSWER', 'the server sent an answer to a watch'))
      return
    }
    this.#lost(readRefusal(message.code, message.rest[0]))
  }

  #lost(error: ProtocolError): void {
    this.#sent = undefined
    if (this.#state === 'ended') {
      return
    }
    const isUnreachable = error.code === 'PROTOCOL_UNREACHABLE' || error.code === 'PROTOCOL_TIMEOUT'
    if (isUnreachable ? !this.#wasServed : !isWorthRepeating(error)) {
      this.end(error)
      return
    }
    if (error.code === 'E_SLOW_CONSUMER') {
      // the application takes nothing: the next pull opens another stream
      this.#state = 'resting'
      return
    }
    this.#state = 'opening'
    const jitter = Math.random() * this.#init.jitterMs
    this.#cancelWait = after((error.waitMs ?? backoffMs(this.#attempts - 1)) + jitter, () => this.#open())
  }
}
