import { delay } from '@sr/runtime'
import { duplexPair } from '../../memory-duplex.ts'
import type { ByteDuplex } from '../../duplex.ts'
import { frame } from '../../frame.ts'
import { FrameReader } from '../../frame-reader.ts'
import { ProtocolError } from '../../errors.ts'
import { MAX_MESSAGE_BYTES, readRequest, readRequestHead, type Request } from '../../messages/index.ts'

/** Time for a client to send what a script expects, milliseconds. */
const PATIENCE_MS = 8000

/** Returns what `take` finds, as soon as it does. @throws Error when it finds nothing for 8 s */
export async function eventually<T>(what: string, take: () => T | undefined): Promise<T> {
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    const found = take()
    if (found !== undefined) {
      return found
    }
    if (performance.now() > until) {
      throw new Error(`expected ${what}, got nothing for ${PATIENCE_MS} ms`)
    }
    await delay(1)
  }
}

/** A request as it arrived. */
export interface Received {
  readonly id: number
  readonly request: Request
}

/** One stream of a {@link ScriptedServer}, seen from the server. */
export class ScriptedStream {
  readonly #duplex: ByteDuplex
  readonly #reader = new FrameReader(MAX_MESSAGE_BYTES)
  readonly #received: Received[] = []
  #answer: ((received: Received) => Uint8Array) | undefined
  #ended: string | undefined

  constructor(duplex: ByteDuplex) {
    this.#duplex = duplex
    void this.#receive()
  }

  /** `end` after the client has ended its side, `reset` after it has reset the stream; undefined while it is open. */
  get ended(): string | undefined {
    return this.#ended
  }

  /** The next request of the client, controls included. @throws Error when none arrives, or the stream ends */
  async next(): Promise<Received> {
    return await eventually('a request', () => {
      const received = this.#received.shift()
      if (received === undefined && this.#ended !== undefined) {
        throw new Error(`expected a request, got the end of the stream: ${this.#ended}`)
      }
      return received
    })
  }

  /** The next request, which must be of this kind. */
  async expect<Op extends Request['op']>(
    op: Op,
  ): Promise<Received & { readonly request: Extract<Request, { op: Op }> }> {
    const { id, request } = await this.next()
    if (request.op !== op) {
      throw new Error(`expected a request ${op}, got ${request.op}`)
    }
    return { id, request: request as Extract<Request, { op: Op }> }
  }

  /** Waits until the client has ended or reset the stream; returns which. */
  async gone(): Promise<string> {
    return await eventually('the end of the stream', () => this.#ended)
  }

  /** Sends messages. */
  async send(...messages: Uint8Array[]): Promise<void> {
    for (const message of messages) {
      await this.#duplex.write(frame(message))
    }
  }

  /** From now on answers every request, also those that have arrived. */
  serve(answer: (received: Received) => Uint8Array): void {
    this.#answer = answer
    for (const received of this.#received.splice(0)) {
      void this.send(answer(received))
    }
  }

  /** Resets the stream. */
  reset(): void {
    this.#duplex.abort(new ProtocolError('PROTOCOL_RESET', 'the script resets the stream'))
  }

  /** Ends the server's side. */
  async close(): Promise<void> {
    await this.#duplex.close()
  }

  async #receive(): Promise<void> {
    try {
      for (let chunk = await this.#duplex.read(); chunk !== undefined; chunk = await this.#duplex.read()) {
        this.#reader.push(chunk)
        for (let message = this.#reader.next(); message !== undefined; message = this.#reader.next()) {
          const head = readRequestHead(message)
          const received = { id: head.id, request: readRequest(head) }
          if (this.#answer === undefined) {
            this.#received.push(received)
          } else {
            await this.send(this.#answer(received))
          }
        }
      }
      this.#ended = 'end'
    } catch (err) {
      this.#ended = (err as { code?: unknown }).code === 'PROTOCOL_RESET' ? 'reset' : String(err)
    }
  }
}

/** The server side of a conversation that a test writes down, in memory: what a client opens arrives here. */
export class ScriptedServer {
  readonly #streams: ScriptedStream[] = []
  /** streams opened so far */
  opened = 0
  /** whether opening a stream fails */
  isDown = false

  /** Opens a stream, for a client. */
  readonly open = async (): Promise<ByteDuplex> => {
    if (this.isDown) {
      throw new Error('the script lets no stream open')
    }
    const [theirs, ours] = duplexPair()
    const stream = new ScriptedStream(ours)
    this.opened++
    this.#streams.push(stream)
    return theirs
  }

  /** The next stream that the client opens. */
  async stream(): Promise<ScriptedStream> {
    return await eventually('a stream', () => this.#streams.shift())
  }
}
