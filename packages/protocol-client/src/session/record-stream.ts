import { type ByteDuplex, FrameReader, GatheringWriter, ProtocolError, toStreamError } from '@sr/protocol'
import {
  encodeRequest,
  INFORMATION,
  MAX_MESSAGE_BYTES,
  MAX_REQUEST_ID,
  readLast,
  readRefusal,
  readServerMessage,
  type Request,
  type ServerMessage,
} from '@sr/protocol/messages'
import { after } from '@sr/runtime'

/** Time for a server to end its side after this one, milliseconds; then the stream is reset. */
const END_MS = 5000

/** What receives what becomes of a request. Exactly one of `end` and `lost` is called, once. */
export interface Receiver {
  /** A part; absent for requests that have none. `bytes` is the length of its message. */
  part?(message: ServerMessage, bytes: number): void
  /** The answer or refusal. */
  end(message: ServerMessage): void
  /** The stream ended without one. `isUntouched`: the server said that it has not begun and will not begin the request. */
  lost(error: ProtocolError, isUntouched: boolean): void
}

/** Receives what comes for a request that its caller gave up: the server still ends it. */
const GIVEN_UP: Receiver = { part: () => {}, end: () => {}, lost: () => {} }

/** One stream to a server: numbers requests, and brings each answer to its request. It never opens another. */
export class RecordStream {
  readonly #duplex: ByteDuplex
  readonly #writer: GatheringWriter
  readonly #reader = new FrameReader(MAX_MESSAGE_BYTES)
  readonly #onChange: (stream: RecordStream) => void
  readonly #receivers = new Map<number, Receiver>()
  #lastId = 0
  #state: 'open' | 'leaving' | 'ended' = 'open'
  #watches = 0
  #givenUp = 0
  #heardAt: number
  #cancelAbort: (() => void) | undefined

  /** @param onChange called when a request has ended, and when the stream has */
  constructor(duplex: ByteDuplex, onChange: (stream: RecordStream) => void) {
    this.#duplex = duplex
    this.#onChange = onChange
    this.#heardAt = performance.now()
    this.#writer = new GatheringWriter(duplex, (error) => this.fail(error))
    void this.#receive()
  }

  /** Whether another request may be sent. */
  get usable(): boolean {
    return this.#state === 'open' && this.#lastId < MAX_REQUEST_ID && this.#duplex.open
  }

  get ended(): boolean {
    return this.#state === 'ended'
  }

  /** Requests that have not ended and that their callers wait for; watches are not counted. */
  get underWay(): number {
    return this.#receivers.size - this.#watches - this.#givenUp
  }

  get watches(): number {
    return this.#watches
  }

  /** When bytes arrived last, or the stream was opened; of `performance.now`. */
  get heardAt(): number {
    return this.#heardAt
  }

  /** Sends a request at the end of this turn; returns its id. */
  send(request: Request, receiver: Receiver): number {
    const id = ++this.#lastId
    this.#watches += receiver.part === undefined ? 0 : 1
    this.#receivers.set(id, receiver)
    this.#writer.send(encodeRequest(id, request))
    return id
  }

  /** Asks the server to end a request; what still comes for it is dropped. */
  cancel(id: number): void {
    if (this.#remove(id) !== undefined) {
      this.#receivers.set(id, GIVEN_UP)
      this.#givenUp++
      this.#writer.send(encodeRequest(id, { op: 'cancel' }))
    }
  }

  /** Lets a watch send more bytes. */
  credit(id: number, bytes: number): void {
    if (this.#state !== 'ended') {
      this.#writer.send(encodeRequest(id, { op: 'credit', bytes }))
    }
  }

  /** Ends the stream in order: nothing is under way. */
  end(): void {
    if (this.#state !== 'ended') {
      this.#state = 'ended'
      this.#writer.end().catch((err: unknown) => this.#duplex.abort(toStreamError(err)))
      const late = new ProtocolError('PROTOCOL_CLOSED', 'the server did not end its side')
      this.#cancelAbort = after(END_MS, () => this.#duplex.abort(late), { keepAlive: false })
    }
  }

  /** Abandons the stream; all requests that have not ended are lost. */
  fail(error: ProtocolError): void {
    if (this.#state !== 'ended') {
      this.#state = 'ended'
      this.#duplex.abort(error)
      this.#lose(error)
    }
  }

  async #receive(): Promise<void> {
    try {
      for (;;) {
        const chunk = await this.#duplex.read()
        if (chunk === undefined) {
          this.#finish()
          return
        }
        this.#heardAt = performance.now()
        this.#reader.push(chunk)
        for (let message = this.#reader.next(); message !== undefined; message = this.#reader.next()) {
          this.#take(message)
        }
      }
    } catch (err) {
      this.fail(toStreamError(err))
    }
  }

  /** The server has ended its side. */
  #finish(): void {
    this.#cancelAbort?.()
    if (this.#receivers.size === 0 && !this.#reader.partial) {
      this.end()
      this.#onChange(this)
      return
    }
    this.fail(new ProtocolError('PROTOCOL_CLOSED', 'the server ended the stream without an answer'))
  }

  #take(bytes: Uint8Array): void {
    const message = readServerMessage(bytes)
    const { id, type } = message
    if (id === 0) {
      this.#notice(message)
      return
    }
    const receiver = this.#receivers.get(id)
    if (receiver === undefined || (type === 'part' && receiver.part === undefined)) {
      throw new ProtocolError('PROTOCOL_ANSWER', `the server sent ${receiver ? 'a part' : 'an answer'} to no request`)
    }
    if (type === 'part') {
      receiver.part?.(message, bytes.length)
      return
    }
    this.#remove(id)
    try {
      receiver.end(message)
    } catch (err) {
      receiver.lost(toStreamError(err), false)
      throw err
    }
    this.#changed()
  }

  /** A message about the stream. */
  #notice(message: ServerMessage): void {
    if (message.type === 'part' && message.code === INFORMATION) {
      return
    }
    if (message.type !== 'refusal') {
      throw new ProtocolError('PROTOCOL_ANSWER', 'the server sent an answer without an id')
    }
    const error = readRefusal(message.code, message.rest[0])
    if (error.code !== 'E_SHUTDOWN') {
      this.fail(error)
      return
    }
    this.#state = 'leaving'
    const last = readLast(message)
    if (last !== undefined) {
      for (const [id, receiver] of this.#receivers) {
        if (id > last) {
          this.#remove(id)
          receiver.lost(error, true)
        }
      }
    }
    this.#changed()
  }

  /** Takes a request out, with its place in the counts. */
  #remove(id: number): Receiver | undefined {
    const receiver = this.#receivers.get(id)
    if (receiver !== undefined) {
      this.#receivers.delete(id)
      this.#watches -= receiver !== GIVEN_UP && receiver.part !== undefined ? 1 : 0
      this.#givenUp -= receiver === GIVEN_UP ? 1 : 0
    }
    return receiver
  }

  #changed(): void {
    if (this.#state === 'leaving' && this.#receivers.size === 0) {
      this.end()
    }
    this.#onChange(this)
  }

  #lose(error: ProtocolError): void {
    const receivers = [...this.#receivers.values()]
    this.#receivers.clear()
    this.#watches = 0
    this.#givenUp = 0
    for (const receiver of receivers) {
      receiver.lost(error, false)
    }
    this.#onChange(this)
  }
}
