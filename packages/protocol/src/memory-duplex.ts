import type { ByteDuplex } from './duplex.ts'
import { ProtocolError } from './errors.ts'

/** Bytes that one direction holds before a write waits. */
const ROOM = 64 * 1024

/** One direction. */
class Pipe {
  #chunks: Uint8Array[]
  #held: number
  ended: boolean
  /** the reason of a reset, as each end receives it */
  readFailure: Error | undefined
  writeFailure: Error | undefined
  #wakeReader: (() => void) | undefined
  #wakeWriters: Array<() => void>

  constructor() {
    this.#chunks = []
    this.#held = 0
    this.ended = false
    this.readFailure = undefined
    this.writeFailure = undefined
    this.#wakeReader = undefined
    this.#wakeWriters = []
  }

  async read(): Promise<Uint8Array | undefined> {
    while (this.#chunks.length === 0 && !this.ended && this.readFailure === undefined) {
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve
      })
    }
    if (this.readFailure !== undefined) {
      throw this.readFailure
    }
    const chunk = this.#chunks.shift()
    this.#held -= chunk?.length ?? 0
    this.#wake()
    return chunk
  }

  async write(bytes: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    if (this.writeFailure !== undefined || this.ended) {
      throw this.writeFailure ?? new ProtocolError('PROTOCOL_CLOSED', 'this side of the stream has ended')
    }
    if (bytes.length > 0) {
      this.#chunks.push(bytes.slice())
      this.#held += bytes.length
      this.#wakeReader?.()
    }
    const onAbort = (): void => {
      this.#wake()
    }
    signal?.addEventListener('abort', onAbort)
    try {
      while (this.#held > ROOM && this.writeFailure === undefined) {
        signal?.throwIfAborted()
        await new Promise<void>((resolve) => {
          this.#wakeWriters.push(resolve)
        })
      }
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
    if (this.writeFailure !== undefined) {
      throw this.writeFailure
    }
  }

  end(): void {
    this.ended = true
    this.#wakeReader?.()
  }

  fail(forReader: Error, forWriter: Error): void {
    if (this.readFailure === undefined) {
      this.readFailure = forReader
      this.writeFailure = forWriter
      this.#chunks = []
      this.#held = 0
      this.#wakeReader?.()
      this.#wake()
    }
  }

  #wake(): void {
    const waiting = this.#wakeWriters
    this.#wakeWriters = []
    for (const wake of waiting) {
      wake()
    }
  }
}

class End implements ByteDuplex {
  readonly #incoming: Pipe
  readonly #outgoing: Pipe

  constructor(incoming: Pipe, outgoing: Pipe) {
    this.#incoming = incoming
    this.#outgoing = outgoing
  }

  get open(): boolean {
    return !this.#incoming.ended && !this.#outgoing.ended && this.#incoming.readFailure === undefined
  }

  async read(): Promise<Uint8Array | undefined> {
    return await this.#incoming.read()
  }

  async write(bytes: Uint8Array, options: { signal?: AbortSignal } = {}): Promise<void> {
    await this.#outgoing.write(bytes, options.signal)
  }

  async close(): Promise<void> {
    this.#outgoing.end()
  }

  abort(reason: Error): void {
    const reset = new ProtocolError('PROTOCOL_RESET', 'the other side reset the stream')
    this.#incoming.fail(reason, reset)
    this.#outgoing.fail(reset, reason)
  }
}

/**
 * The two ends of a stream in memory: for tests, and for a client and a server in one program.
 *
 * @example
 * ```ts
 * import { duplexPair } from '@sr/protocol'
 *
 * const [ours, theirs] = duplexPair()
 * await ours.write(Uint8Array.of(1, 2))
 * console.log(String(await theirs.read())) // 1,2
 * ```
 */
export function duplexPair(): [ByteDuplex, ByteDuplex] {
  const there = new Pipe()
  const back = new Pipe()
  return [new End(back, there), new End(there, back)]
}
