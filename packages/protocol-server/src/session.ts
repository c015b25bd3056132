import type { ByteDuplex } from '@sr/protocol'
import {
  frame,
  FRAME_TIMEOUT_MS,
  FrameReader,
  HANDLER_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  MAX_FRAME_BYTES,
  refusalOf,
  ProtocolError,
  WRITE_TIMEOUT_MS,
} from '@sr/protocol'
import { type GoMessage, goMessage } from '@sr/protocol-go'
import { Budget } from './budget.ts'
import { answer, type HandlerInit, type SessionMachine } from './handler.ts'
import { pause } from './pause.ts'
import type { RateKind, RequestPace } from './request-rate.ts'
import { Tally } from './tally.ts'
import { Turn } from './turn.ts'
import { Watchdog } from './watchdog.ts'

export type { SessionMachine } from './handler.ts'
export { Budget } from './budget.ts'
export type { RateKind, RequestPace } from './request-rate.ts'
export { Tally, type ServerCounter } from './tally.ts'

/** How long a session waits, milliseconds. */
export interface SessionTimeouts {
  /** silence between requests, 60,000 at least for Go clients; default 120,000 */
  readonly idle?: number
  /** from the first byte of a request to its last; default 10,000 */
  readonly frame?: number
  /** from a request to its answer; default 10,000 */
  readonly handler?: number
  /** from the first byte of an answer to its last; default 10,000 */
  readonly write?: number
  /** how much of that an UPDATE's answer may wait for verdicts; default 5,000 */
  readonly effects?: number
}

/** What a session is made of. */
export interface SessionInit {
  readonly machine: SessionMachine
  /** network address of the peer, when known: effects that dial compare with it */
  readonly observed?: string
  /** the normal form of a multiaddr's text, for verdicts; default: the text as it is */
  readonly address?: (text: string) => string
  readonly timeouts?: SessionTimeouts
  /** when it aborts, the session ends as soon as it has answered what it is at */
  readonly stopping?: AbortSignal
  /** shared by the sessions of a server, so that together they hold no more; default: 16 MiB of its own */
  readonly budget?: Budget
  /** shared by the sessions of a peer: how long each request waits for its turn; default: not at all */
  readonly pace?: RequestPace
  /** shared by the sessions of a server; default: its own */
  readonly tally?: Tally
  /** told why the stream was reset */
  readonly onRefused?: (error: unknown) => void
}

const OWN_BUDGET_BYTES = 16 * 1024 * 1024

/** How long a peer has to take notice of the end before the stream is reset, milliseconds. */
const LINGER_MS = 1000

/**
 * Serves one stream of `/ipfs/smart-record/0.0.1`, over any transport that has told who is at the
 * other end: requests one after the other, each answered before the next is looked at. It resolves
 * when the stream has ended, and never rejects. A request that is refused ends it with a reset,
 * which is all that this protocol has to say so.
 *
 * @param peer peer id of the other end, proved by the transport: what it writes, it writes as this
 * @example
 * ```ts
 * import { createMachine } from '@sr/vm'
 * import { plainUpdates } from '@sr/vm/testing'
 * import { duplexPair } from '@sr/protocol'
 * import { serveSession } from '@sr/protocol-server/session'
 *
 * const self = '12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu'
 * const machine = createMachine({ self, updates: plainUpdates(self) })
 * await machine.start()
 * const [client, server] = duplexPair()
 * const session = serveSession(server, '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN', { machine })
 *
 * await client.write(Uint8Array.of(7, 8, 1, 18, 3, 50, 51, 52)) // GET 234
 * console.log((await client.read())?.length) // 12
 * await client.close()
 * await session
 * await machine.close()
 * ```
 */
export async function serveSession(duplex: ByteDuplex, peer: string, init: SessionInit): Promise<void> {
  await new Session(duplex, peer, init).run()
}

class Session {
  readonly #duplex: ByteDuplex
  readonly #handler: HandlerInit
  readonly #timeouts: Required<Omit<SessionTimeouts, 'effects'>>
  readonly #stopping: AbortSignal | undefined
  readonly #budget: Budget
  readonly #pace: RequestPace | undefined
  readonly #tally: Tally
  readonly #onRefused: ((error: unknown) => void) | undefined
  readonly #reader: FrameReader
  readonly #turn: Turn
  readonly #watchdog: Watchdog
  readonly #abort: AbortController
  /** bytes of the budget that are this session's */
  #held: number
  /** those of them that are the request's, while it is answered */
  #asked: number
  /** waits for a request, with nothing of one here */
  #idle: boolean

  constructor(duplex: ByteDuplex, peer: string, init: SessionInit) {
    const { machine, observed, address = (text) => text, timeouts = {} } = init
    this.#duplex = duplex
    this.#handler = {
      machine,
      peer,
      observed,
      address,
      effectsMs: timeouts.effects,
      onHeld: (bytes) => {
        this.#hold(this.#asked + bytes)
      },
    }
    this.#timeouts = {
      idle: timeouts.idle ?? IDLE_TIMEOUT_MS,
      frame: timeouts.frame ?? FRAME_TIMEOUT_MS,
      handler: timeouts.handler ?? HANDLER_TIMEOUT_MS,
      write: timeouts.write ?? WRITE_TIMEOUT_MS,
    }
    this.#stopping = init.stopping
    this.#budget = init.budget ?? new Budget(OWN_BUDGET_BYTES)
    this.#pace = init.pace
    this.#tally = init.tally ?? new Tally()
    this.#onRefused = init.onRefused
    this.#reader = new FrameReader(MAX_FRAME_BYTES)
    this.#turn = new Turn()
    this.#abort = new AbortController()
    this.#watchdog = new Watchdog((error) => {
      this.#abort.abort(error)
      duplex.abort(error)
    })
    this.#held = 0
    this.#asked = 0
    this.#idle = false
  }

  async run(): Promise<void> {
    const onStopping = (): void => {
      this.#stopIdle()
    }
    this.#stopping?.addEventListener('abort', onStopping)
    this.#tally.add('sessions.opened')
    try {
      while (await this.#serveOne()) {
        /* until it ends */
      }
      await this.#end()
    } catch (err) {
      this.#fail(err)
    } finally {
      this.#stopping?.removeEventListener('abort', onStopping)
      this.#watchdog.disarm()
      this.#hold(0)
    }
  }

  /** Whether there may be another. */
  async #serveOne(): Promise<boolean> {
    if (this.#stopping?.aborted === true) {
      return false
    }
    const request = await this.#next()
    if (request === undefined) {
      return false
    }
    const message = goMessage.decode(request)
    this.#tally.add(`requests.${message.type}`)
    await this.#wait(message.type === 'update' ? 'updates' : 'reads')
    this.#watchdog.arm(this.#timeouts.handler, 'the handler')
    this.#asked = this.#held
    const bytes = frame(await this.#answer(message))
    this.#hold(this.#reader.buffered + bytes.length)
    this.#watchdog.arm(this.#timeouts.write, 'the write')
    await this.#duplex.write(bytes)
    this.#hold(this.#reader.buffered)
    return true
  }

  /** The next frame, or undefined at the end between two. */
  async #next(): Promise<Uint8Array | undefined> {
    const reader = this.#reader
    let begun = false
    for (;;) {
      const next = reader.next()
      if (next !== undefined) {
        this.#idle = false
        await this.#turn.frame()
        return next
      }
      // absolute: a byte now and then does not prolong it
      if (!reader.partial) {
        this.#watchdog.arm(this.#timeouts.idle, 'silence')
      } else if (!begun) {
        begun = true
        this.#watchdog.arm(this.#timeouts.frame, 'a request')
      }
      this.#idle = !reader.partial
      const chunk = await this.#duplex.read()
      this.#turn.renew()
      if (chunk === undefined) {
        this.#idle = false
        // Go counts an end right behind a length as an end between frames
        if (reader.partial && !reader.onlyLength) {
          throw new ProtocolError('PROTOCOL_FRAME', 'the stream ended inside a request')
        }
        return undefined
      }
      reader.push(chunk)
      this.#hold(reader.buffered)
    }
  }

  /** Until it is the peer's turn; nothing more is read meanwhile. */
  async #wait(kind: RateKind): Promise<void> {
    const ms = this.#pace?.take(kind) ?? 0
    if (ms > 0) {
      this.#tally.add(`delayed.${kind}`)
      this.#watchdog.disarm() // the wait is our doing, and bounded
      await pause(ms, this.#stopping)
      this.#turn.renew()
    }
  }

  async #answer(message: GoMessage): Promise<Uint8Array> {
    try {
      return await Promise.race([answer(message, this.#handler, this.#abort.signal), this.#watchdog.expired])
    } catch (err) {
      if (message.type !== 'update' && refusalOf(err).status === 'E_TOO_LARGE') {
        this.#tally.add('answers.tooLarge')
      }
      throw err
    }
  }

  #stopIdle(): void {
    if (this.#idle) {
      this.#duplex.abort(new ProtocolError('PROTOCOL_SHUTDOWN', 'the server is stopping'))
    }
  }

  /** Ends this side, and waits a little for the other side to end too. */
  async #end(): Promise<void> {
    try {
      this.#watchdog.arm(this.#timeouts.write, 'the end')
      await this.#duplex.close({ signal: this.#abort.signal })
      this.#watchdog.arm(LINGER_MS, "the other side's end")
      while ((await this.#duplex.read()) !== undefined) {
        /* what came too late */
      }
    } catch (err) {
      this.#duplex.abort(err instanceof Error ? err : new ProtocolError('PROTOCOL_CLOSED', 'the stream is over'))
    }
  }

  #fail(err: unknown): void {
    // anything can be thrown, nothing at all too
    const code = (err as { code?: unknown } | null | undefined)?.code
    if (code === 'PROTOCOL_RESET' || code === 'PROTOCOL_CLOSED') {
      this.#tally.add('sessions.reset') // the peer's doing
    } else {
      this.#tally.add(`refused.${refusalOf(err).status}`)
      this.#onRefused?.(err)
    }
    this.#abort.abort(err)
    this.#duplex.abort(
      err instanceof Error ? err : new ProtocolError('PROTOCOL_INTERNAL', 'the session failed', { cause: err }),
    )
  }

  /** Says how many bytes this session holds now. */
  #hold(bytes: number): void {
    this.#budget.change(bytes - this.#held)
    this.#held = bytes
  }
}
