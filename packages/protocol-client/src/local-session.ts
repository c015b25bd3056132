import {
  type ClientSession,
  type DocumentView,
  type Explanation,
  type GetOptions,
  isStatus,
  keyBytes,
  type PeerInfo,
  ProtocolError,
  type QueryOptions,
  type RecordUpdates,
  type RecordView,
  type RequestOptions,
  type ServedMachine,
  type ServedReceipt,
  type ServedRow,
  type ServedUpdate,
  type ServedWatch,
  type Submission,
  type UpdateOptions,
  type UpdateReceipt,
  type WatchOptions,
  type WatchPart,
} from '@sr/protocol'
import { isEnvelope } from '@sr/protocol/messages'
import { type Dict, from, joinPieces, type Node, type Path, type Plain } from '@sr/xr'
import type { Selector } from '@sr/xr/selector'
import { DeferredIterator } from './session/deferred-iterator.ts'

/** Bytes of a page of the machine. */
const PAGE_BYTES: number = 512 * 1024

/** What a machine may do without. */
type Optional = 'getPage' | 'getUpdates' | 'query' | 'watch' | 'explain' | 'info'

/**
 * The records of a machine of this process, through the interface of a session with a peer: the same results and codes of errors,
 * without a stream.
 */
export class LocalSession implements ClientSession {
  readonly #machine: ServedMachine
  readonly idle = true

  constructor(machine: ServedMachine) {
    this.#machine = machine
  }

  async get(key: Uint8Array | string, options: GetOptions = {}): Promise<RecordView> {
    return await this.#view<Dict>(key, undefined, options)
  }

  async getAt(key: Uint8Array | string, at: Path, options: GetOptions = {}): Promise<RecordView<Node>> {
    return await this.#view<Node>(key, at, options)
  }

  async getUpdates(
    key: Uint8Array | string,
    { writers, have, signal }: Omit<GetOptions, 'limits' | 'onUnreadable'> = {},
  ): Promise<RecordUpdates> {
    const [ownKey, updates] = [keyBytes(key), [] as Uint8Array[]]
    const options = given({ writers, signal })
    const first = await this.#pages(
      async (page) => await this.#has('getUpdates')(ownKey, { ...options, ...page, ...given({ have }) }),
      (page) => updates.push(...page.updates),
    )
    return { revision: first.revision, unchanged: first.unchanged, partial: false, updates }
  }

  query(
    key: Uint8Array | string,
    selector: Selector,
    { writers, tags, signal }: QueryOptions = {},
  ): AsyncIterableIterator<ServedRow, undefined> {
    return this.#rows(keyBytes(key), [...selector], given({ writers, tags, signal }))
  }

  watch(key: Uint8Array | string, options: WatchOptions = {}): AsyncIterableIterator<WatchPart, undefined> {
    const { creditBytes: _, ...rest } = options
    const ownKey = keyBytes(key)
    return new DeferredIterator<WatchPart>(async () => new LocalWatch(await mapped(this.#has('watch')(ownKey, rest))))
  }

  async update(key: Uint8Array | string, body: Plain, { ttl, ifSeq, signal }: UpdateOptions): Promise<UpdateReceipt> {
    return await this.#submit({ key, body, ttl, ifSeq }, signal)
  }

  async submit(
    items: readonly Submission[],
    { signal }: RequestOptions = {},
  ): Promise<ReadonlyArray<UpdateReceipt | ProtocolError>> {
    return await Promise.all(
      items.map(async (item) => await this.#submit(item, signal).catch((err: unknown) => err as ProtocolError)),
    )
  }

  async explain(item: Submission, { signal }: RequestOptions = {}): Promise<Explanation> {
    const explain = this.#has('explain')
    try {
      const { receipt, tags, problems } = await explain(this.#updateOf(item), { via: 'own', ...given({ signal }) })
      return { result: receiptOf({ ...receipt, problems }), price: receipt.price, tags }
    } catch (err) {
      return { result: toError(err), price: 0, tags: [] }
    }
  }

  async info(): Promise<PeerInfo> {
    const machine = this.#machine
    const { revision, merge, limits, tags } = await mapped(this.#has('info')())
    return {
      version: '1.0.0',
      peer: machine.self,
      network: '',
      now: await this.ping(),
      epoch: revision.epoch,
      merge,
      can: (['query', 'watch', 'explain'] as const).filter((name) => machine[name] !== undefined),
      limits: new Map(
        Object.entries(limits).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
      ),
      tags: tags.map((tag) => [tag, new Map<string, number>()] as const),
      you: new Map(),
    }
  }

  async ping(): Promise<number> {
    return this.#machine.time?.().now ?? Date.now()
  }

  close(): void {}

  async #view<D extends Node>(
    key: Uint8Array | string,
    at: Path | undefined,
    { writers, have, signal }: GetOptions,
  ): Promise<RecordView<D>> {
    const ownKey = keyBytes(key)
    const documents = new Map<string, DocumentView<D>>()
    let pieces: Node[] = []
    const options = given({ writers, at, signal })
    const first = await this.#pages(
      async (page) => await this.#has('getPage')(ownKey, { ...options, ...page, ...given({ have }) }),
      (page) => {
        for (const { writer, node, goesOn, seq, signed, forked, next, ends } of page.documents) {
          pieces.push(node)
          if (!goesOn) {
            const document = joinPieces(pieces) as D
            documents.set(writer, { document, seq, signed, forked, next: next || undefined, ends: ends || undefined })
            pieces = []
          }
        }
      },
    )
    return { revision: first.revision, unchanged: first.unchanged, partial: false, documents }
  }

  async *#rows(
    key: Uint8Array,
    selector: Selector,
    options: { writers?: readonly string[]; tags?: readonly string[]; signal?: AbortSignal },
  ): AsyncGenerator<ServedRow, undefined> {
    let after: Uint8Array | undefined
    let pieces: Node[] = []
    do {
      const page = await mapped(this.#has('query')(key, selector, { ...options, ...given({ after }) }))
      for (const row of page.rows) {
        pieces.push(row.node)
        if (!row.goesOn) {
          yield pieces.length === 1 ? row : { ...row, node: joinPieces(pieces) as Node }
          pieces = []
        }
      }
      after = page.after
    } while (after !== undefined)
    return undefined
  }

  /** Reads all pages; returns the first. */
  async #pages<P extends { readonly after: Uint8Array | undefined }>(
    read: (page: { maxBytes: number; after?: Uint8Array }) => Promise<P>,
    take: (page: P) => void,
  ): Promise<P> {
    let page = await mapped(read({ maxBytes: PAGE_BYTES }))
    const first = page
    take(page)
    while (page.after !== undefined) {
      page = await mapped(read({ maxBytes: PAGE_BYTES, after: page.after }))
      take(page)
    }
    return first
  }

  async #submit(item: Submission, signal: AbortSignal | undefined): Promise<UpdateReceipt> {
    const update = this.#updateOf(item)
    const options = { via: 'own', ...given({ ifSeq: item.ifSeq, signal }) } as const
    const machine = this.#machine
    return receiptOf(
      await mapped(
        update instanceof Uint8Array ? machine.update(update, options) : machine.updateUnsigned(update, options),
      ),
    )
  }

  #updateOf(item: Submission): Uint8Array | ServedUpdate {
    if ('signed' in item && !isEnvelope(item.signed)) {
      throw new ProtocolError('E_SIG', 'expected a signed envelope')
    }
    return 'signed' in item
      ? item.signed
      : { key: keyBytes(item.key), writer: this.#machine.self, body: from(item.body), ttl: item.ttl }
  }

  #has<Name extends Optional>(name: Name): NonNullable<ServedMachine[Name]> {
    const method = this.#machine[name]
    if (method === undefined) {
      throw new ProtocolError('PROTOCOL_UNSUPPORTED', `this machine has no ${name}`, { subject: name })
    }
    return method.bind(this.#machine) as NonNullable<ServedMachine[Name]>
  }
}

/** A watch of a machine, with the errors that a server would answer. */
class LocalWatch implements AsyncIterableIterator<WatchPart, undefined> {
  readonly #watch: ServedWatch

  constructor(watch: ServedWatch) {
    this.#watch = watch
  }

  async next(): Promise<IteratorResult<WatchPart, undefined>> {
    return await mapped(this.#watch.next())
  }

  async return(): Promise<IteratorResult<WatchPart, undefined>> {
    return await this.#watch.return()
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

function receiptOf(receipt: Omit<ServedReceipt, 'effects'>): UpdateReceipt {
  const { status, changed, forked, seq, counter, expires, cost, problems } = receipt
  const unread = problems.map(({ path, tag }) => ({ path, tag }))
  return { stored: status === 'stored', changed, forked, seq, counter, expires, charge: cost, unread }
}

/** Settles as the promise, with the error that a server would answer. */
async function mapped<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise
  } catch (err) {
    throw toError(err)
  }
}

/** The error that a server would answer: the code of a machine stands for the status of the same name. */
function toError(err: unknown): ProtocolError {
  if (err instanceof ProtocolError) {
    return err
  }
  const { code, message, applied, path, limit, max, got, retryAfterMs, seq, price } = err as MachineError
  const status = `E_${String(code).replace(/^VM_/, '')}`
  return new ProtocolError(isStatus(status) ? status : status in MISUSES ? 'E_PROTO' : 'E_INTERNAL', message, {
    applied,
    path,
    limit,
    max,
    got,
    waitMs: retryAfterMs,
    seq: seq ?? (status === 'E_STALE' ? got : undefined),
    price: price ?? (status === 'E_PRICE' ? got : undefined),
    cause: err,
  })
}

/** Codes of a machine for an invalid call. */
const MISUSES = { E_OPTION: true, E_CURSOR: true }

type MachineError = Error &
  Partial<Pick<ProtocolError, 'applied' | 'path' | 'limit' | 'max' | 'got' | 'seq' | 'price'>> & {
    readonly code?: unknown
    readonly retryAfterMs?: number
  }

/** The options that are set. */
function given<T extends object>(options: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>
  }
}
