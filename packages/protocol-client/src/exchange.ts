import {
  type ByteDuplex,
  frame,
  MAX_FRAME_BYTES,
  MAX_GO_TTL_S,
  MAX_KEY_BYTES,
  REQUEST_TIMEOUT_MS,
  ProtocolError,
} from '@sr/protocol'
import { goDocument, goMessage, type GoMessage, type GoMessageInit, goRecordValue } from '@sr/protocol-go'
import { type Dict, from, isKind, LIMITS, type Limits, type Plain, size, type XrError } from '@sr/xr'
import { Deadline } from './deadline.ts'
import { asError, asSrpError, isDeath } from './failure.ts'
import { Line } from './line.ts'
import { aborted, Turns } from './turns.ts'

/**
 * Silence after which the exchange ends its stream, ms: before a Go server resets it, which it does
 * 60 s after the last request.
 */
const IDLE_MS = 50_000

/** What every request may be told. */
export interface RequestOptions {
  /** gives up; what was asked may have happened all the same */
  signal?: AbortSignal
}

/** What reading a record may be told besides. */
export interface GetOptions extends RequestOptions {
  /** of each document; the defaults of the protocol for what is left out */
  limits?: Partial<Limits>
  /** takes the documents that cannot be read; without it one of them fails the whole call, and the error names its writer */
  onUnreadable?: (writer: string, error: XrError) => void
}

/** What writing a document must be told. */
export interface UpdateOptions extends RequestOptions {
  /** life of what is said, whole seconds, from 1 */
  ttl: number
}

/** Requests to one peer, over any transport. */
export interface Exchange {
  /**
   * The record under a key (bytes, or a string for its UTF-8): peer id of the writer → document.
   * Empty when there is none.
   */
  get(key: Uint8Array | string, options?: GetOptions): Promise<Map<string, Dict>>
  /** Adds what `document` says, a Dict or what `from` makes one of, to the caller's own document of the record. */
  update(key: Uint8Array | string, document: Plain, options: UpdateOptions): Promise<void>
  /** Ends the stream; what is asked, dialled or waiting fails with `PROTOCOL_SHUTDOWN`. The next request opens another. */
  close(): void
  /** Whether nothing is asked now, and no stream is held that could be asked on. */
  readonly idle: boolean
}

/** How an exchange reaches its peer. */
export interface ExchangeInit {
  /** opens a stream on which the protocol `/ipfs/smart-record/0.0.1` was agreed */
  open: (signal: AbortSignal) => Promise<ByteDuplex>
  /** from a call to its answer, ms; default 20,000, since a Go server may dial for 5 s an address before it answers */
  timeoutMs?: number
  /** silence after which the stream is ended, ms; default 50,000 */
  idleMs?: number
}

/**
 * Requests over `/ipfs/smart-record/0.0.1`, as the Go peers' clients make them, on a stream that
 * is opened when it is needed and kept. They go one at a time. When a stream that was used before
 * turns out dead, the request is made once more on a new one.
 *
 * Calls throw ProtocolError: `PROTOCOL_KEY`, `PROTOCOL_DOC`, `PROTOCOL_TTL`, `PROTOCOL_TOO_LARGE` before anything is sent;
 * `PROTOCOL_UNREACHABLE`; `PROTOCOL_RESET` when the peer refuses, which it does without a reason;
 * `PROTOCOL_CLOSED`, `PROTOCOL_TIMEOUT`, `PROTOCOL_ABORTED`; `PROTOCOL_ANSWER`, `PROTOCOL_FRAME`, `PROTOCOL_PROTO` for a peer that
 * answers nonsense. `applied` says whether an update may have happened.
 *
 * @example
 * ```ts
 * import { duplexPair } from '@sr/protocol'
 * import { createExchange } from '@sr/protocol-client/exchange'
 *
 * const [ours, theirs] = duplexPair()
 * void theirs.read().then(async () => await theirs.write(Uint8Array.of(9, 8, 1, 18, 1, 107, 26, 2, 123, 125)))
 * const exchange = createExchange({ open: async () => ours })
 * console.log((await exchange.get('k')).size) // 0
 * exchange.close()
 * ```
 */
export function createExchange(init: ExchangeInit): Exchange {
  return new GoExchange(init)
}

class GoExchange implements Exchange {
  readonly #open: ExchangeInit['open']
  readonly #timeoutMs: number
  readonly #idleMs: number
  readonly #turns: Turns
  /** aborts what was asked since the last `close` */
  #closing: AbortController
  #line: Line | undefined
  #idle: ReturnType<typeof setTimeout> | undefined

  constructor(init: ExchangeInit) {
    this.#open = init.open
    this.#timeoutMs = init.timeoutMs ?? REQUEST_TIMEOUT_MS
    this.#idleMs = init.idleMs ?? IDLE_MS
    this.#turns = new Turns()
    this.#closing = new AbortController()
    this.#line = undefined
    this.#idle = undefined
  }

  async get(key: Uint8Array | string, options: GetOptions = {}): Promise<Map<string, Dict>> {
    const answer = await this.#ask({ type: 'get', key: keyBytes(key) }, options.signal)
    return goRecordValue.decode(answer.value, options.limits, { onUnreadable: options.onUnreadable ?? refuse })
  }

  async update(key: Uint8Array | string, document: Plain, options: UpdateOptions): Promise<void> {
    const { ttl, signal } = options
    const body = from(document)
    if (!isKind(body, 'dict')) {
      throw new ProtocolError(
        'PROTOCOL_DOC',
        'a document is a Dict; to take back what was said, say key=$remove() for each key',
      )
    }
    if (!Number.isInteger(ttl) || ttl < 1 || ttl > MAX_GO_TTL_S) {
      throw new ProtocolError('PROTOCOL_TTL', `a time to live is a whole number of seconds from 1 to ${MAX_GO_TTL_S}`)
    }
    if (size(body) > LIMITS.size) {
      throw new ProtocolError('PROTOCOL_TOO_LARGE', `an update is limited to ${LIMITS.size} bytes, got ${size(body)}`, {
        limit: 'size',
        max: LIMITS.size,
        got: size(body),
      })
    }
    await this.#ask({ type: 'update', key: keyBytes(key), value: goDocument.encode(body), ttl: BigInt(ttl) }, signal)
  }

  get idle(): boolean {
    return this.#turns.idle && this.#line?.usable !== true
  }

  close(): void {
    const reason = new ProtocolError('PROTOCOL_SHUTDOWN', 'the exchange was closed', { applied: 'unknown' })
    const closing = this.#closing
    this.#closing = new AbortController()
    closing.abort(reason)
    this.#drop(reason)
  }

  async #ask(message: GoMessageInit, caller: AbortSignal | undefined): Promise<GoMessage> {
    const bytes = goMessage.encode(message)
    if (bytes.length > MAX_FRAME_BYTES) {
      throw new ProtocolError(
        'PROTOCOL_TOO_LARGE',
        `a message is limited to ${MAX_FRAME_BYTES} bytes, got ${bytes.length}`,
        {
          limit: 'frame',
          max: MAX_FRAME_BYTES,
          got: bytes.length,
        },
      )
    }
    const deadline = new Deadline(this.#timeoutMs, this.#closing.signal, caller)
    const { signal } = deadline
    const progress = { sent: false }
    try {
      const answer = await this.#turns.take(async () => await this.#talk(frame(bytes), signal, progress), signal)
      return checkAnswer(goMessage.decode(answer), message)
    } catch (err) {
      const applied = message.type === 'update' && progress.sent ? 'unknown' : 'no'
      throw asSrpError(err, applied, deadline)
    } finally {
      deadline.end()
    }
  }

  /** One request and its answer; once more where the stream had died of age. */
  async #talk(bytes: Uint8Array, signal: AbortSignal, progress: { sent: boolean }): Promise<Uint8Array> {
    clearTimeout(this.#idle)
    try {
      const kept = this.#line
      if (kept?.usable === true) {
        try {
          return await this.#on(kept, bytes, signal, progress)
        } catch (err) {
          if (signal.aborted || kept.answering || !isDeath(err)) {
            throw err
          }
        }
      }
      this.#drop(new ProtocolError('PROTOCOL_CLOSED', 'another stream takes its place'))
      return await this.#on(await this.#dial(signal), bytes, signal, progress)
    } finally {
      this.#rest()
    }
  }

  async #dial(signal: AbortSignal): Promise<Line> {
    signal.throwIfAborted()
    const opening = this.#open(signal)
    let duplex: ByteDuplex
    try {
      duplex = await aborted(opening, signal)
    } catch (cause) {
      // it may still come, and nobody will want it
      opening.then(
        (late) => {
          late.abort(new ProtocolError('PROTOCOL_ABORTED', 'nobody waits for the stream any more'))
        },
        () => {},
      )
      signal.throwIfAborted()
      throw new ProtocolError('PROTOCOL_UNREACHABLE', 'no stream to the peer could be opened', { cause })
    }
    if (signal.aborted) {
      // in the moment between: whoever closed the exchange had no line to end yet
      duplex.abort(asError(signal.reason))
      throw signal.reason
    }
    this.#line = new Line(duplex)
    return this.#line
  }

  async #on(line: Line, bytes: Uint8Array, signal: AbortSignal, progress: { sent: boolean }): Promise<Uint8Array> {
    signal.throwIfAborted()
    try {
      progress.sent = true
      return await line.ask(bytes, signal)
    } catch (err) {
      // an answer that comes later would be taken for that to the next request
      line.abort(asError(err))
      throw err
    }
  }

  #rest(): void {
    if (this.#line !== undefined && this.#idleMs !== Infinity) {
      this.#idle = setTimeout(() => {
        if (this.#turns.idle) {
          this.#line?.end()
          this.#line = undefined
        }
      }, this.#idleMs)
      // where timers keep a process alive, this one must not
      const timer = this.#idle as { unref?: () => void }
      timer.unref?.()
    }
  }

  #drop(reason: ProtocolError): void {
    clearTimeout(this.#idle)
    const line = this.#line
    this.#line = undefined
    line?.abort(reason)
  }
}

function keyBytes(key: Uint8Array | string): Uint8Array {
  const bytes = typeof key === 'string' ? new TextEncoder().encode(key) : key
  if (bytes.length < 1 || bytes.length > MAX_KEY_BYTES) {
    throw new ProtocolError('PROTOCOL_KEY', `a key has from 1 to ${MAX_KEY_BYTES} bytes, got ${bytes.length}`, {
      limit: 'key',
      max: MAX_KEY_BYTES,
      got: bytes.length,
    })
  }
  return bytes
}

function checkAnswer(answer: GoMessage, request: GoMessageInit): GoMessage {
  if (
    answer.type !== request.type ||
    answer.key.length !== request.key.length ||
    answer.key.some((byte, i) => byte !== request.key[i])
  ) {
    throw new ProtocolError('PROTOCOL_ANSWER', 'the peer answered another request')
  }
  return answer
}

/** What becomes of a document that cannot be read where nobody takes it: an error, since nothing is left out in silence. */
function refuse(writer: string, error: XrError): never {
  throw error.with(
    { path: [writer, ...(error.path ?? [])] },
    `the document of ${writer} cannot be read: ${error.message}; pass onUnreadable to have those of the others`,
  )
}
