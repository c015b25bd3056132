import type { ByteDuplex } from './duplex.ts'
import { type ProtocolError, toStreamError } from './errors.ts'

/** Most bytes of one write, unless one frame is larger. */
const WRITE_BYTES = 64 * 1024

type Later = (run: () => void) => unknown

const { process } = globalThis as { process?: { nextTick?: Later } }

/**
 * Runs a function at the end of this turn of the event loop. A timer or `setImmediate` would cost a small request a quarter of its
 * speed. Without `nextTick` two microtasks: what the first ones of this turn resolve is sent with them.
 */
const atEndOfTurn: Later =
  process?.nextTick === undefined
    ? (run) => {
        queueMicrotask(() => {
          queueMicrotask(run)
        })
      }
    : (run) => (process.nextTick as Later)(run)

/** Number of bytes of a frame's length. */
function prefixBytes(length: number): number {
  return length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : 4
}

/**
 * Sends messages in frames, those of one turn of the event loop in one write: neither yamux nor the TCP transport joins writes,
 * and 64 small messages in one write take a fifth of the time of 64 writes.
 *
 * @example
 * ```ts
 * import { duplexPair, GatheringWriter } from '@sr/protocol'
 *
 * const [ours, theirs] = duplexPair()
 * const writer = new GatheringWriter(ours)
 * writer.send(Uint8Array.of(104, 105))
 * writer.send(Uint8Array.of(33))
 * console.log(String(await theirs.read())) // 2,104,105,1,33
 * ```
 */
export class GatheringWriter {
  readonly #duplex: ByteDuplex
  readonly #onFailure: ((error: ProtocolError) => void) | undefined
  #queue: Uint8Array[] = []
  #pending = 0
  #progressAt = 0
  #scheduled = false
  #failure: ProtocolError | undefined
  #waiting: Array<{ readonly below: number; readonly resolve: () => void; readonly reject: (err: Error) => void }> = []

  /** @param onFailure called once, when a write fails; what is still queued is dropped then */
  constructor(duplex: ByteDuplex, onFailure?: (error: ProtocolError) => void) {
    this.#duplex = duplex
    this.#onFailure = onFailure
  }

  /** Bytes that the stream has not taken yet, lengths of frames included. */
  get pending(): number {
    return this.#pending
  }

  /** When the stream last took bytes, or had none to take before those pending now; milliseconds of `performance.now`. */
  get progressAt(): number {
    return this.#progressAt
  }

  /** Queues a message, which must not be written to afterwards. Without effect after a failure. */
  send(message: Uint8Array): void {
    if (this.#failure !== undefined) {
      return
    }
    if (this.#pending === 0) {
      this.#progressAt = performance.now()
    }
    this.#queue.push(message)
    this.#pending += prefixBytes(message.length) + message.length
    if (!this.#scheduled) {
      this.#scheduled = true
      this.#flushWhenQuiet(0)
    }
  }

  /**
   * Writes when nothing was added since the last look: requests whose turns follow each other without I/O between them are answered in one
   * write.
   */
  #flushWhenQuiet(seen: number): void {
    atEndOfTurn(() => {
      const count = this.#queue.length
      if (count === seen || this.#pending >= WRITE_BYTES) {
        void this.#flush()
      } else {
        // all that is queued for the end of this turn runs before its microtasks, which may add more
        queueMicrotask(() => {
          this.#flushWhenQuiet(count)
        })
      }
    })
  }

  /** Resolves as soon as fewer than `bytes` are pending, at once when they are. Rejects when a write fails. */
  async room(bytes: number = 1): Promise<void> {
    if (this.#failure !== undefined) {
      throw this.#failure
    }
    if (this.#pending >= bytes) {
      await new Promise<void>((resolve, reject) => {
        this.#waiting.push({ below: bytes, resolve, reject })
      })
    }
  }

  /** Ends this side of the stream after what was sent. Rejects when a write fails. */
  async end(): Promise<void> {
    await this.room()
    await this.#duplex.close()
  }

  async #flush(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const bytes = this.#take()
        await this.#duplex.write(bytes)
        this.#pending -= bytes.length
        this.#progressAt = performance.now()
        this.#wake()
      }
      this.#scheduled = false
    } catch (err) {
      this.#fail(toStreamError(err))
    }
  }

  /** The next frames, joined. */
  #take(): Uint8Array {
    let count = 0
    let length = 0
    for (const message of this.#queue) {
      const next = prefixBytes(message.length) + message.length
      if (count > 0 && length + next > WRITE_BYTES) {
        break
      }
      length += next
      count++
    }
    const bytes = new Uint8Array(length)
    let at = 0
    for (const message of this.#queue.splice(0, count)) {
      let rest = message.length
      for (; rest >= 0x80; rest >>>= 7) {
        bytes[at++] = (rest & 0x7f) | 0x80
      }
      bytes[at++] = rest
      bytes.set(message, at)
      at += message.length
    }
    return bytes
  }

  #wake(): void {
    const ready = this.#waiting.filter(({ below }) => this.#pending < below)
    if (ready.length > 0) {
      this.#waiting = this.#waiting.filter(({ below }) => this.#pending >= below)
      for (const { resolve } of ready) {
        resolve()
      }
    }
  }

  #fail(error: ProtocolError): void {
    this.#failure = error
    this.#queue = []
    this.#pending = 0
    for (const { reject } of this.#waiting.splice(0)) {
      reject(error)
    }
    this.#onFailure?.(error)
  }
}
