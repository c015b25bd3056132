import { Worker } from 'node:worker_threads'
import { BytePacker, ByteUnpacker } from './byte-packer.ts'
import { StoreError } from './errors.ts'
import type { Answer, AnswerMessage, Argument, CallName, Request, RequestMessage, Value } from './messages.ts'
import type { DatabaseOptions } from './thread/database.ts'

/** Messages that the thread has and has not answered, at most. Further requests are joined to larger messages. */
const MAX_UNDER_WAY = 8

/** Requests that are sent without waiting for more of the same turn, so that the thread works meanwhile; it takes those that follow into the same transaction. */
const EARLY_REQUESTS = 16

/** Requests of one message, at most; bounds the time and the memory of a transaction. */
const MAX_REQUESTS = 4096

/** Bytes of one message above which the next request begins another, 16 MiB. */
const MAX_BYTES = 16 * 1024 * 1024

/**
 * Memory of the thread for new objects, MiB. With the default of Node, 100 MiB more are resident while many updates expire, at the
 * same speed.
 */
const YOUNG_MIB = 16

/** This module is TypeScript in the sources, where the tests run it, and JavaScript in the package. */
const THREAD = new URL(import.meta.url.endsWith('.ts') ? './thread/thread.ts' : './thread/thread.js', import.meta.url)

interface Pending {
  readonly resolve: (value: unknown, bytes: ByteUnpacker) => void
  readonly reject: (err: unknown) => void
}

/** Requests that become one message. */
interface Chunk {
  readonly requests: Request[]
  readonly bytes: BytePacker
}

/** The calls of the thread that owns the database. Requests of one turn of the event loop travel together. */
export class Channel {
  readonly #worker: Worker
  readonly #onDamaged: (reason: string) => void
  readonly #pending = new Map<number, Pending>()
  readonly #chunks: Chunk[] = []
  readonly #exited: Promise<void>
  #last = 0
  #underWay = 0
  #planned = false
  /** whether the end of the thread is waited for */
  #ending = false
  /** why no more calls are possible */
  #ended: StoreError | undefined

  constructor(options: DatabaseOptions, onDamaged: (reason: string) => void) {
    this.#onDamaged = onDamaged
    const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_MIB }
    this.#worker = new Worker(THREAD, { workerData: options, name: 'sr-store-sqlite', resourceLimits })
    this.#worker.on('message', (message: AnswerMessage) => {
      this.#receive(message)
    })
    this.#worker.on('error', (cause) => {
      this.#end(new StoreError('STORE_FAILED', `the thread of the database failed: ${String(cause)}`, { cause }))
    })
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#exited = promise
    this.#worker.on('exit', () => {
      this.#end(new StoreError('STORE_FAILED', 'the thread of the database has ended'))
      resolve()
    })
    this.#worker.unref()
  }

  /**
   * Makes a call; calls take effect in their order. `bytes` are copied before this returns. `decode` takes the bytes of the
   * answer, if it has any.
   *
   * @throws StoreError what the thread answers, or `STORE_FAILED` when it has ended
   */
  async call<Name extends CallName, Result = Value<Name>>(
    call: Name,
    argument: Argument<Name>,
    {
      bytes = [],
      decode,
    }: { bytes?: readonly Uint8Array[]; decode?: (value: Value<Name>, bytes: ByteUnpacker) => Result } = {},
  ): Promise<Result> {
    if (this.#ended !== undefined) {
      throw this.#ended
    }
    assertCloneable(argument)
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    const id = ++this.#last
    const chunk = this.#chunk()
    chunk.requests.push({ id, call, argument } as Request)
    for (const some of bytes) {
      chunk.bytes.append(some)
    }
    if (this.#pending.size === 0) {
      this.#worker.ref()
    }
    this.#pending.set(id, {
      resolve: (value, unpacker) => {
        resolve(decode === undefined ? (value as Result) : decode(value as Value<Name>, unpacker))
      },
      reject,
    })
    if (chunk.requests.length >= EARLY_REQUESTS) {
      this.#send()
    } else {
      this.#plan()
    }
    return await promise
  }

  /** Resolves when the thread has ended. It ends after a call of `close`. */
  async exited(): Promise<void> {
    this.#ending = true
    this.#worker.ref()
    await this.#exited
  }

  /** The last chunk, or a new one when that is full. */
  #chunk(): Chunk {
    const last = this.#chunks.at(-1)
    if (last !== undefined && last.requests.length < MAX_REQUESTS && last.bytes.length < MAX_BYTES) {
      return last
    }
    const chunk = { requests: [], bytes: new BytePacker() }
    this.#chunks.push(chunk)
    return chunk
  }

  /** Sends a message once the promises that are settled have had their effects: they may make more calls. */
  #plan(): void {
    if (!this.#planned && this.#underWay < MAX_UNDER_WAY) {
      this.#planned = true
      process.nextTick(() => {
        this.#planned = false
        this.#send()
      })
    }
  }

  #send(): void {
    while (this.#underWay < MAX_UNDER_WAY && this.#ended === undefined) {
      const chunk = this.#chunks.shift()
      if (chunk === undefined) {
        return
      }
      this.#underWay++
      const bytes = chunk.bytes.take()
      this.#worker.postMessage({ requests: chunk.requests, bytes } satisfies RequestMessage, [bytes.buffer])
    }
  }

  #receive({ answers, bytes, damaged, done }: AnswerMessage): void {
    const unpacker = new ByteUnpacker(bytes)
    for (const answer of answers) {
      this.#settle(answer, unpacker)
    }
    this.#underWay -= done
    if (this.#pending.size === 0 && !this.#ending) {
      this.#worker.unref()
    }
    if (this.#chunks.length > 0) {
      this.#plan()
    }
    damaged.forEach(this.#onDamaged)
  }

  #settle({ id, value, error }: Answer, bytes: ByteUnpacker): void {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    if (error === undefined) {
      pending?.resolve(value, bytes)
    } else {
      pending?.reject(new StoreError(error.code, error.message))
    }
  }

  #end(err: StoreError): void {
    this.#ended ??= err
    for (const { reject } of this.#pending.values()) {
      reject(this.#ended)
    }
    this.#pending.clear()
  }
}

/** @throws StoreError `STORE_FAILED` for what no message can carry: it would fail later, together with the calls beside it */
function assertCloneable(value: unknown): void {
  const isWrong = typeof value === 'function' || typeof value === 'symbol'
  if (isWrong) {
    throw new StoreError('STORE_FAILED', `an argument is a ${typeof value}; expected a value`)
  }
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    Object.values(value).forEach(assertCloneable)
  }
}
