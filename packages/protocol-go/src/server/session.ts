import {
  type ByteDuplex,
  Deadline,
  FRAME_TIMEOUT_MS,
  FrameReader,
  HANDLER_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  MAX_FRAME_BYTES,
  ProtocolError,
  type ServeContext,
  toStreamError,
  WRITE_TIMEOUT_MS,
} from '@sr/protocol'
import { type GoMessage, goMessage } from '../codec/message.ts'
import { handle } from './handler.ts'
import type { GoServerInit, GoServerTimeouts } from './init.ts'

/** How long a peer has to end its side before the stream is reset, milliseconds. */
const LINGER_MS = 1000

/** Serves one stream. */
export class GoServerSession {
  readonly #duplex: ByteDuplex
  readonly #context: ServeContext
  readonly #init: GoServerInit
  readonly #timeouts: Required<Omit<GoServerTimeouts, 'effects'>>
  readonly #reader = new FrameReader(MAX_FRAME_BYTES)
  readonly #deadline = new Deadline()
  /** waits for a request, of which no byte has arrived */
  #idle = false

  constructor(duplex: ByteDuplex, context: ServeContext, init: GoServerInit) {
    this.#duplex = duplex
    this.#context = context
    this.#init = init
    this.#timeouts = {
      idle: IDLE_TIMEOUT_MS,
      frame: FRAME_TIMEOUT_MS,
      handler: HANDLER_TIMEOUT_MS,
      write: WRITE_TIMEOUT_MS,
      ...init.timeouts,
    }
  }

  /** Rejects with the error that reset the stream. */
  async run(): Promise<void> {
    const { signal, account } = this.#context
    const onStopping = (): void => {
      if (this.#idle) {
        this.#duplex.abort(new ProtocolError('PROTOCOL_SHUTDOWN', 'the server is stopping'))
      }
    }
    const onDeadline = (): void => {
      this.#duplex.abort(this.#deadline.signal.reason as Error)
    }
    signal.addEventListener('abort', onStopping)
    this.#deadline.signal.addEventListener('abort', onDeadline)
    try {
      while (await this.#serveOne()) {
        // until the stream ends
      }
      await this.#end()
    } catch (err) {
      this.#deadline.abort('close', err)
      this.#duplex.abort(err instanceof Error ? err : new Error('a session failed', { cause: err }))
      throw err
    } finally {
      signal.removeEventListener('abort', onStopping)
      this.#deadline.end()
      account.hold(0)
    }
  }

  /** Whether another request may follow. */
  async #serveOne(): Promise<boolean> {
    const { signal, scheduler, account } = this.#context
    const request = signal.aborted ? undefined : await this.#nextFrame()
    if (request === undefined) {
      return false
    }
    const message = goMessage.decode(request)
    account.count(`requests.${message.type}`)
    // a delay by the rate limit does not count against the peer's or the handler's time
    await scheduler.admit(message.type === 'update' ? 'update' : 'read')
    this.#deadline.start(this.#timeouts.handler, 'the handler')
    const answer = await this.#answer(message, this.#reader.held + request.length)
    this.#deadline.start(this.#timeouts.write, 'the write')
    await this.#write(answer)
    return true
  }

  /** Writes in pieces: encrypting and sending a long answer at once would hold up all other peers. */
  async #write(parts: Uint8Array[]): Promise<void> {
    const { account } = this.#context
    let left = parts.reduce((sum, { buffer }) => sum + buffer.byteLength, 0)
    account.hold(this.#reader.held + left)
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      await this.#duplex.write(part).catch(rethrow)
      left -= part.buffer.byteLength
      account.hold(this.#reader.held + left)
      if (parts.length > 0) {
        await this.#yield()
      }
    }
  }

  /** Lets other peers have their turns. Meanwhile no time runs: the peer does not answer for how busy this side is. */
  readonly #yield = async (): Promise<void> => {
    await this.#deadline.pause(this.#context.scheduler.yield)
  }

  async #answer(message: GoMessage, requestBytes: number): Promise<Uint8Array[]> {
    const { account } = this.#context
    const work = handle(message, this.#context, {
      ...this.#init,
      signal: this.#deadline.signal,
      onHeld: (bytes) => {
        account.hold(requestBytes + bytes)
      },
      yield: this.#yield,
    })
    return await Promise.race([work, this.#deadline.passed])
  }

  /** The next frame, or undefined when the stream ended between two. */
  async #nextFrame(): Promise<Uint8Array | undefined> {
    const { scheduler, account } = this.#context
    const reader = this.#reader
    let begun = false
    for (;;) {
      const next = reader.next()
      if (next !== undefined) {
        this.#idle = false
        this.#deadline.stop()
        await scheduler.turn()
        return next
      }
      // absolute: a byte now and then does not prolong it
      if (!reader.partial) {
        this.#deadline.start(this.#timeouts.idle, 'silence')
      } else if (!begun) {
        begun = true
        this.#deadline.start(this.#timeouts.frame, 'a request')
      }
      this.#idle = !reader.partial
      const chunk = await this.#duplex.read().catch(rethrow)
      if (chunk === undefined) {
        this.#idle = false
        // Go counts an end right behind a length as an end between frames
        if (reader.partial && !reader.onlyLength) {
          throw new ProtocolError('PROTOCOL_FRAME', 'the stream ended inside a request')
        }
        return undefined
      }
      reader.push(chunk)
      account.hold(reader.held)
    }
  }

  /** Ends this side, and waits for the other side to end too. */
  async #end(): Promise<void> {
    try {
      this.#deadline.start(this.#timeouts.write, 'the end')
      await this.#duplex.close({ signal: this.#deadline.signal })
      this.#deadline.start(LINGER_MS, "the other side's end")
      while ((await this.#duplex.read()) !== undefined) {
        // requests that arrive after the end are dropped
      }
    } catch (err) {
      // all requests were answered, so this is no failure of the session
      this.#duplex.abort(err instanceof Error ? err : new ProtocolError('PROTOCOL_CLOSED', 'the stream is over'))
    }
  }
}

function rethrow(err: unknown): never {
  throw toStreamError(err)
}
