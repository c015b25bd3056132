import type { Stream } from '@libp2p/interface'
import { checkConfig, func, optional } from '@sr/runtime'
import type { ByteDuplex } from './duplex.ts'
import { ProtocolError } from './errors.ts'

/** Most bytes passed to a stream in one call; more than its window would be queued. */
const WRITE_BYTES = 64 * 1024

/**
 * Bytes held for a busy reader before the stream is paused, so that libp2p holds the rest. A stream with a window sends no more than
 * that, 256 KiB, once its window is not renewed; this is for streams without one.
 */
const HIGH_WATER_BYTES = 512 * 1024

/**
 * Bytes taken before the window of the other side is renewed: a quarter of yamux's smallest window, 256 KiB. Yamux renews it after every
 * data frame, and each renewal is a frame of its own, which doubles the writes of small requests.
 */
const RENEW_BYTES = 64 * 1024

/** Smallest buffer for bytes that arrive while no read is pending. Many small pieces would cost more memory than they hold. */
const FIRST_BUFFER = 4096

/** The methods by which a stream of `@libp2p/utils` stops and goes on renewing the window of the other side. */
interface WindowControl {
  sendPause?(): void
  sendResume?(): void
}

/** Options of {@link streamDuplex}. */
export interface StreamDuplexOptions {
  /** receives how many bytes of memory are held for the reader, each time that changes; when it throws, the stream is reset */
  readonly onBuffered?: (bytes: number) => void
}

/**
 * Adapts a libp2p stream. It listens to events, since iterating over a stream queues without bound; and it waits for the
 * `drain` event itself, since after the first drain `onDrain` always resolves.
 *
 * While no read is pending the window is not renewed. The stream is not paused then: libp2p would hold what still arrives
 * as the pieces it came in, and a window of frames of one byte is 40 MB of pieces. Here it is copied into one buffer.
 */
class StreamDuplex implements ByteDuplex {
  readonly #stream: Stream & WindowControl
  readonly #onBuffered: ((bytes: number) => void) | undefined
  /** whether the window is renewed */
  #flowing: boolean
  /** bytes that arrived since the window was renewed */
  #unrenewed: number
  #reported: number
  /** bytes that arrived while no read was pending, and how much of the buffer is filled */
  #held: Uint8Array | undefined
  #filled: number
  #ended: boolean
  #failure: Error | undefined
  #wake: (() => void) | undefined

  constructor(stream: Stream, { onBuffered }: StreamDuplexOptions) {
    this.#stream = stream
    this.#onBuffered = onBuffered
    this.#flowing = true
    this.#unrenewed = 0
    this.#reported = 0
    this.#held = undefined
    this.#filled = 0
    this.#ended = false
    this.#failure = undefined
    this.#wake = undefined
    // a listener that throws would end the process
    stream.addEventListener('message', (event) => {
      this.#guard(() => {
        this.#take(event.data.subarray())
      })
    })
    stream.addEventListener('end', () => {
      this.#end()
    })
    stream.addEventListener('close', (event) => {
      this.#guard(() => {
        this.#closed(event.error)
      })
    })
    // events from before the listeners were added are not repeated
    if (stream.status === 'reset' || stream.status === 'aborted') {
      this.#closed(new ProtocolError('PROTOCOL_RESET', 'the stream was reset'))
    } else if (stream.readableEnded || (stream.status === 'closed' && stream.readBufferLength === 0)) {
      this.#ended = true
    }
  }

  get open(): boolean {
    const { status, writeStatus, remoteWriteStatus } = this.#stream
    return (
      status === 'open' &&
      writeStatus === 'writable' &&
      remoteWriteStatus === 'writable' &&
      !this.#ended &&
      this.#failure === undefined
    )
  }

  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#failure !== undefined) {
        throw this.#failure
      }
      if (this.#held !== undefined) {
        // a copy, unless it fits: the reader counts what it is given, and would keep the whole buffer
        const fits = this.#held.length - this.#filled < FIRST_BUFFER
        const bytes = fits ? this.#held.subarray(0, this.#filled) : this.#held.slice(0, this.#filled)
        this.#drop()
        return bytes
      }
      this.#resume()
      if (this.#held === undefined && this.#ended) {
        return undefined
      }
      if (this.#held === undefined && this.#failure === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
  }

  async write(bytes: Uint8Array, options: { signal?: AbortSignal } = {}): Promise<void> {
    for (let at = 0; at < bytes.length; at += WRITE_BYTES) {
      options.signal?.throwIfAborted()
      if (this.#failure !== undefined) {
        throw this.#failure
      }
      let room: boolean
      try {
        room = this.#stream.send(bytes.subarray(at, at + WRITE_BYTES))
      } catch (cause) {
        throw this.#failure ?? new ProtocolError('PROTOCOL_CLOSED', 'the stream is not writable any more', { cause })
      }
      if (!room && this.#stream.writableNeedsDrain) {
        await this.#drained(options.signal)
      }
    }
  }

  async close(options: { signal?: AbortSignal } = {}): Promise<void> {
    try {
      await this.#stream.close(options)
    } catch (cause) {
      options.signal?.throwIfAborted()
      throw (
        this.#failure ??
        new ProtocolError('PROTOCOL_CLOSED', 'the stream could not be closed in order', { cause: errorOf(cause) })
      )
    }
  }

  abort(reason: Error): void {
    this.#failure ??= reason
    this.#drop()
    this.#stream.abort(reason)
    this.#wake?.()
  }

  #take(bytes: Uint8Array): void {
    if (this.#failure !== undefined) {
      return
    }
    this.#unrenewed += bytes.length
    if (this.#wake !== undefined && this.#held === undefined) {
      // a read is pending and takes the chunk as it is
      this.#held = bytes
      this.#filled = bytes.length
    } else {
      this.#hold(bytes)
    }
    this.#stopFlow()
    this.#report()
    this.#wakeUp()
  }

  #drop(): void {
    this.#held = undefined
    this.#filled = 0
    this.#report()
  }

  #report(): void {
    const bytes = this.#held?.length ?? 0
    if (bytes !== this.#reported) {
      const before = this.#reported
      this.#reported = bytes
      try {
        this.#onBuffered?.(bytes)
      } catch (err) {
        this.#reported = before
        throw err
      }
    }
  }

  #hold(bytes: Uint8Array): void {
    const needed = this.#filled + bytes.length
    const owned = this.#held === undefined || this.#held.length === this.#filled ? undefined : this.#held
    if (owned === undefined || owned.length < needed) {
      const larger = new Uint8Array(Math.max(FIRST_BUFFER, 2 * needed))
      larger.set(this.#held?.subarray(0, this.#filled) ?? [])
      this.#held = larger
    }
    this.#held?.set(bytes, this.#filled)
    this.#filled = needed
  }

  #stopFlow(): void {
    const stream = this.#stream
    if (stream.readStatus === 'readable' && (stream.sendPause === undefined || this.#filled >= HIGH_WATER_BYTES)) {
      stream.pause()
    } else if (this.#flowing && stream.readStatus === 'readable') {
      stream.sendPause?.()
    }
    this.#flowing = false
  }

  #resume(): void {
    const stream = this.#stream
    if (this.#flowing || this.#failure !== undefined) {
      return
    }
    const isPaused = stream.readStatus === 'paused'
    if (!isPaused && this.#unrenewed < RENEW_BYTES) {
      return
    }
    this.#flowing = true
    this.#unrenewed = 0
    if (isPaused) {
      // delivers what was held; the flow may stop again in there, and is left as it is then
      stream.resume()
      if (this.#held !== undefined) {
        stream.sendPause?.()
      }
    } else if (stream.readStatus === 'readable') {
      stream.sendResume?.()
    }
  }

  #end(): void {
    this.#ended = true
    this.#wakeUp()
  }

  #closed(error: unknown): void {
    if (error === undefined) {
      // closed by both sides; `end` follows once all bytes were read
      if (this.#stream.readBufferLength === 0) {
        this.#end()
      }
      return
    }
    const cause = errorOf(error)
    this.#failure ??=
      cause instanceof ProtocolError
        ? cause
        : cause.name === 'StreamResetError'
          ? new ProtocolError('PROTOCOL_RESET', 'the other side reset the stream', { cause })
          : new ProtocolError('PROTOCOL_CLOSED', 'the connection is gone', { cause })
    this.#drop()
    this.#wakeUp()
  }

  #wakeUp(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }

  async #drained(signal: AbortSignal | undefined): Promise<void> {
    const stream = this.#stream
    await new Promise<void>((resolve) => {
      const done = (): void => {
        stream.removeEventListener('drain', done)
        stream.removeEventListener('close', done)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      stream.addEventListener('drain', done)
      stream.addEventListener('close', done)
      signal?.addEventListener('abort', done)
    })
    signal?.throwIfAborted()
    if (this.#failure !== undefined) {
      throw this.#failure
    }
  }

  #guard(run: () => void): void {
    try {
      run()
    } catch (cause) {
      this.abort(
        cause instanceof ProtocolError
          ? cause
          : new ProtocolError('PROTOCOL_INTERNAL', 'a stream event could not be handled', { cause }),
      )
    }
  }
}

/** Some parts of libp2p reject with an event instead of its error. */
function errorOf(reason: unknown): Error {
  if (reason instanceof Error) {
    return reason
  }
  const inner = typeof reason === 'object' && reason !== null && 'error' in reason ? reason.error : undefined
  return inner instanceof Error ? inner : new Error(String(reason))
}

/**
 * A libp2p stream as a duplex of bytes. The duplex owns the stream from then on.
 *
 * @throws ConfigError for an unknown or invalid option
 * @example
 * ```ts no-run
 * import type { Connection } from '@libp2p/interface'
 * import { GO_PROTOCOL } from '@sr/protocol-go'
 * import { streamDuplex } from '@sr/protocol/libp2p'
 *
 * declare const connection: Connection
 * const duplex = streamDuplex(await connection.newStream(GO_PROTOCOL))
 * await duplex.write(Uint8Array.of(7, 8, 1, 18, 3, 50, 51, 52))
 * ```
 */
export function streamDuplex(stream: Stream, options: StreamDuplexOptions = {}): ByteDuplex {
  checkConfig<StreamDuplexOptions>('streamDuplex', options, { onBuffered: optional(func) })
  return new StreamDuplex(stream, options)
}
