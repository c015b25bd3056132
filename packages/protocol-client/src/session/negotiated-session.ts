import {
  type ByteDuplex,
  type ClientProtocol,
  type ClientSession,
  type Explanation,
  type GetOptions,
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
  REQUEST_TIMEOUT_MS,
} from '@sr/protocol'
import { after, raceSignal } from '@sr/runtime'
import type { Node, Path, Plain } from '@sr/xr'
import type { Selector } from '@sr/xr/selector'
import { DeferredIterator } from './deferred-iterator.ts'

/** A stream, and the protocol that was negotiated for it. */
export interface NegotiatedStream {
  readonly protocol: string
  readonly duplex: ByteDuplex
}

/** Opens a stream with one of several protocols, best first. */
export type OpenNegotiated = (protocols: readonly string[], signal: AbortSignal) => Promise<NegotiatedStream>

interface Chosen {
  readonly protocol: string
  readonly session: ClientSession
}

/**
 * A session that speaks the first of several protocols that the peer has. All are offered in one negotiation, and what was chosen is
 * kept; while the session is idle, a protocol other than the first is negotiated again.
 */
export class NegotiatedSession implements ClientSession {
  readonly #protocols: readonly ClientProtocol[]
  readonly #open: OpenNegotiated
  #chosen: Chosen | undefined
  #choosing: { readonly done: Promise<ClientSession>; readonly controller: AbortController } | undefined

  /** @param protocols one or more, best first */
  constructor(protocols: readonly ClientProtocol[], open: OpenNegotiated) {
    this.#protocols = protocols
    this.#open = open
    const [only, ...others] = protocols
    if (only !== undefined && others.length === 0) {
      this.#chosen = this.#connect(only, undefined)
    }
  }

  /** The protocol that is spoken; undefined before it was negotiated. */
  get protocol(): string | undefined {
    return this.#chosen?.protocol
  }

  async get(key: Uint8Array | string, options?: GetOptions): Promise<RecordView> {
    return await (this.#settled ?? (await this.#choose(options?.signal))).get(key, options)
  }

  async getAt(key: Uint8Array | string, at: Path, options?: GetOptions): Promise<RecordView<Node>> {
    return await (this.#settled ?? (await this.#choose(options?.signal))).getAt(key, at, options)
  }

  async getUpdates(
    key: Uint8Array | string,
    options?: Omit<GetOptions, 'limits' | 'onUnreadable'>,
  ): Promise<RecordUpdates> {
    return await (this.#settled ?? (await this.#choose(options?.signal))).getUpdates(key, options)
  }

  query(
    key: Uint8Array | string,
    selector: Selector,
    options?: QueryOptions,
  ): AsyncIterableIterator<ServedRow, undefined> {
    const settled = this.#settled
    return settled === undefined
      ? new DeferredIterator(async () => (await this.#choose(options?.signal)).query(key, selector, options))
      : settled.query(key, selector, options)
  }

  watch(key: Uint8Array | string, options?: WatchOptions): AsyncIterableIterator<WatchPart, undefined> {
    const settled = this.#settled
    return settled === undefined
      ? new DeferredIterator(async () => (await this.#choose(options?.signal)).watch(key, options))
      : settled.watch(key, options)
  }

  async update(key: Uint8Array | string, document: Plain, options: UpdateOptions): Promise<UpdateReceipt> {
    return await (this.#settled ?? (await this.#choose(options.signal))).update(key, document, options)
  }

  async submit(
    items: readonly Submission[],
    options?: RequestOptions,
  ): Promise<ReadonlyArray<UpdateReceipt | ProtocolError>> {
    return await (this.#settled ?? (await this.#choose(options?.signal))).submit(items, options)
  }

  async explain(item: Submission, options?: RequestOptions): Promise<Explanation> {
    return await (this.#settled ?? (await this.#choose(options?.signal))).explain(item, options)
  }

  async info(options?: RequestOptions): Promise<PeerInfo> {
    return await (this.#settled ?? (await this.#choose(options?.signal))).info(options)
  }

  async ping(options?: RequestOptions): Promise<number> {
    return await (this.#settled ?? (await this.#choose(options?.signal))).ping(options)
  }

  check(): void {
    this.#chosen?.session.check?.()
  }

  get idle(): boolean {
    return this.#choosing === undefined && this.#chosen?.session.idle !== false
  }

  close(): void {
    this.#choosing?.controller.abort(new ProtocolError('PROTOCOL_SHUTDOWN', 'the session was closed'))
    this.#chosen?.session.close()
  }

  /** The session of the protocol that was chosen, unless a better one should be offered again. */
  get #settled(): ClientSession | undefined {
    const chosen = this.#chosen
    return chosen === undefined || (chosen.protocol !== this.#protocols[0]?.id && chosen.session.idle)
      ? undefined
      : chosen.session
  }

  async #choose(signal: AbortSignal | undefined): Promise<ClientSession> {
    if (this.#choosing === undefined) {
      const controller = new AbortController()
      const done = this.#negotiate(controller)
      done.catch(() => {})
      this.#choosing = { done, controller }
    }
    const { done } = this.#choosing
    return await raceSignal(done, signal).catch((err: unknown) => {
      throw signal?.aborted === true
        ? new ProtocolError('PROTOCOL_ABORTED', "the caller's signal aborted", { cause: signal.reason })
        : err
    })
  }

  async #negotiate(controller: AbortController): Promise<ClientSession> {
    const { signal } = controller
    const cancel = after(REQUEST_TIMEOUT_MS, () => {
      const message = `no stream opened within ${REQUEST_TIMEOUT_MS} ms`
      controller.abort(new ProtocolError('PROTOCOL_TIMEOUT', message))
    })
    const opening = (async () =>
      await this.#open(
        this.#protocols.map(({ id }) => id),
        signal,
      ))()
    try {
      const { protocol: id, duplex } = await raceSignal(opening, signal)
      const protocol = this.#protocols.find((one) => one.id === id)
      if (protocol === undefined) {
        duplex.abort(new Error('a protocol was chosen that was not offered'))
        throw new ProtocolError('PROTOCOL_UNREACHABLE', `the peer chose ${id}, which was not offered`)
      }
      const chosen = this.#chosen?.protocol === id ? this.#chosen : this.#connect(protocol, duplex)
      if (chosen === this.#chosen) {
        duplex.abort(new Error('the session opens streams of its own'))
      }
      this.#chosen = chosen
      return chosen.session
    } catch (cause) {
      opening.then(
        ({ duplex }) => duplex.abort(new Error('the stream is not needed any more')),
        () => {},
      )
      if (signal.aborted || cause instanceof ProtocolError) {
        throw signal.aborted ? signal.reason : cause
      }
      throw new ProtocolError('PROTOCOL_UNREACHABLE', 'no stream to the peer could be opened', { cause })
    } finally {
      cancel()
      this.#choosing = undefined
    }
  }

  /** A session whose first stream is the one of the negotiation. */
  #connect(protocol: ClientProtocol, negotiated: ByteDuplex | undefined): Chosen {
    let first = negotiated
    const session = protocol.connect(async (signal) => {
      const duplex = first
      first = undefined
      return duplex?.open === true ? duplex : (await this.#open([protocol.id], signal)).duplex
    })
    return { protocol: protocol.id, session }
  }
}
