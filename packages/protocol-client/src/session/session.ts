import {
  type ByteDuplex,
  type ClientSession,
  type Explanation,
  type GetOptions,
  keyBytes,
  type PeerInfo,
  ProtocolError,
  type QueryOptions,
  type RecordUpdates,
  type RecordView,
  type RequestOptions,
  type ServedRow,
  type Submission,
  type UpdateOptions,
  type UpdateReceipt,
  type WatchOptions,
  type WatchPart,
} from '@sr/protocol'
import { MIN_CREDIT_BYTES, readExplained, readInformed, readPong } from '@sr/protocol/messages'
import type { Node, Path, Plain } from '@sr/xr'
import type { Selector } from '@sr/xr/selector'
import { Calls } from './calls.ts'
import { explanationFrom, infoFrom } from './from-answer.ts'
import { readQuery, readUpdates, readView } from './reads.ts'
import { RecordWatch } from './record-watch.ts'
import { itemOf, pathOf, stepsOf, tagsOf, writersOf } from './to-request.ts'
import { submit } from './updates.ts'

/** Bytes that a watch may have on the way, unless a caller says otherwise: the window of a stream. */
const CREDIT_BYTES: number = 256 * 1024

/** Timing of a {@link RecordSession}. */
export interface RecordSessionInit {
  readonly timeoutMs: number
  readonly idleMs: number
  readonly jitterMs: number
}

/** Requests to one peer, many at a time on one stream, which is opened when it is needed and kept. */
export class RecordSession implements ClientSession {
  readonly #calls: Calls
  readonly #jitterMs: number
  readonly #watches = new Set<RecordWatch>()

  constructor(open: (signal: AbortSignal) => Promise<ByteDuplex>, init: RecordSessionInit) {
    this.#calls = new Calls(open, init)
    this.#jitterMs = init.jitterMs
  }

  async get(key: Uint8Array | string, options?: GetOptions): Promise<RecordView> {
    return await readView(this.#calls, key, undefined, options)
  }

  async getAt(key: Uint8Array | string, at: Path, options?: GetOptions): Promise<RecordView<Node>> {
    return await readView<Node>(this.#calls, key, at, options)
  }

  async getUpdates(
    key: Uint8Array | string,
    options?: Omit<GetOptions, 'limits' | 'onUnreadable'>,
  ): Promise<RecordUpdates> {
    return await readUpdates(this.#calls, key, options)
  }

  query(
    key: Uint8Array | string,
    selector: Selector,
    { writers, tags, signal }: QueryOptions = {},
  ): AsyncIterableIterator<ServedRow, undefined> {
    const steps = stepsOf(selector)
    const request = { op: 'query', key: keyBytes(key), steps, writers: writersOf(writers), tags: tagsOf(tags) } as const
    return readQuery(this.#calls, request, signal)
  }

  watch(key: Uint8Array | string, options: WatchOptions = {}): AsyncIterableIterator<WatchPart, undefined> {
    const { writers, at, as, renewed, from, creditBytes = CREDIT_BYTES, signal } = options
    if (!Number.isSafeInteger(creditBytes) || creditBytes < MIN_CREDIT_BYTES) {
      throw new ProtocolError('PROTOCOL_PROTO', `creditBytes must be an integer from ${MIN_CREDIT_BYTES}`)
    }
    const watch = new RecordWatch(this.#calls, {
      request: { op: 'watch', key: keyBytes(key), writers: writersOf(writers), at: pathOf(at), as, renewed, from },
      creditBytes,
      jitterMs: this.#jitterMs,
      signal,
      onEnd: (ended) => this.#watches.delete(ended),
    })
    this.#watches.add(watch)
    return watch
  }

  async update(key: Uint8Array | string, body: Plain, { ttl, ifSeq, signal }: UpdateOptions): Promise<UpdateReceipt> {
    const [result] = await submit(this.#calls, [{ key, body, ttl, ifSeq }], signal)
    if (result instanceof ProtocolError) {
      throw result
    }
    return result as UpdateReceipt
  }

  async submit(
    items: readonly Submission[],
    { signal }: RequestOptions = {},
  ): Promise<ReadonlyArray<UpdateReceipt | ProtocolError>> {
    return await submit(this.#calls, items, signal)
  }

  async explain(item: Submission, { signal }: RequestOptions = {}): Promise<Explanation> {
    const { message } = await this.#calls.ask({ op: 'explain', item: itemOf(item) }, { signal })
    return explanationFrom(readExplained(message))
  }

  async info({ signal }: RequestOptions = {}): Promise<PeerInfo> {
    return infoFrom(readInformed((await this.#calls.ask({ op: 'info' }, { signal })).message))
  }

  async ping({ signal }: RequestOptions = {}): Promise<number> {
    return readPong((await this.#calls.ask({ op: 'ping' }, { signal })).message)
  }

  check(): void {
    this.#calls.check()
  }

  get idle(): boolean {
    return this.#calls.idle && this.#watches.size === 0
  }

  close(): void {
    const error = new ProtocolError('PROTOCOL_SHUTDOWN', 'the session was closed')
    for (const watch of this.#watches) {
      watch.stop(error)
    }
    this.#calls.close(error)
  }
}
