import type { Startable } from '@libp2p/interface'
import type {
  Explanation,
  GetOptions,
  PeerInfo,
  ProtocolError,
  QueryOptions,
  RecordUpdates,
  RecordView,
  RequestOptions,
  ServedRow,
  Submission,
  UpdateOptions,
  UpdateReceipt,
  WatchOptions,
  WatchPart,
} from '@sr/protocol'
import type { Node, Path, Plain } from '@sr/xr'
import type { Selector } from '@sr/xr/selector'
import type { SignOptions } from './signing/index.ts'
import type { Target } from './target.ts'

/**
 * Reads and writes records on other peers, and on this node's own machine. The calls are those of the sessions of `@sr/protocol`, with a
 * peer first; they throw as those do, and ProtocolError `PROTOCOL_PEER` for a target that names no peer or several.
 */
export interface SmartRecordClient extends Startable {
  /** What the record under a key on a peer shows, by writer. */
  get(peer: Target, key: Uint8Array | string, options?: GetOptions): Promise<RecordView>
  /** The same for what stands at a path of Dict keys. */
  getAt(peer: Target, key: Uint8Array | string, at: Path, options?: GetOptions): Promise<RecordView<Node>>
  /** The verbatim signed updates behind a record. */
  getUpdates(
    peer: Target,
    key: Uint8Array | string,
    options?: Omit<GetOptions, 'limits' | 'onUnreadable'>,
  ): Promise<RecordUpdates>
  /** The parts of a record whose path matches a selector. */
  query(
    peer: Target,
    key: Uint8Array | string,
    selector: Selector,
    options?: QueryOptions,
  ): AsyncIterableIterator<ServedRow, undefined>
  /** Watches a record. */
  watch(peer: Target, key: Uint8Array | string, options?: WatchOptions): AsyncIterableIterator<WatchPart, undefined>
  /**
   * Merges `document`, a Dict or what `from` makes one of, into this peer's own document of the record, signed unless the client or the
   * protocol is `unsigned`.
   *
   * @throws IrError for an operator or a life that every server refuses, with its path; nothing is sent then
   */
  update(peer: Target, key: Uint8Array | string, document: Plain, options: UpdateOptions): Promise<UpdateReceipt>
  /** Submits up to 256 updates; returns a receipt or an error for each. */
  submit(
    peer: Target,
    items: readonly Submission[],
    options?: RequestOptions,
  ): Promise<ReadonlyArray<UpdateReceipt | ProtocolError>>
  /** What an update would come to. */
  explain(peer: Target, item: Submission, options?: RequestOptions): Promise<Explanation>
  info(peer: Target, options?: RequestOptions): Promise<PeerInfo>
  /** The server's time, milliseconds since 1970. */
  ping(peer: Target, options?: RequestOptions): Promise<number>
  /**
   * Signs an update without sending it: any peer can submit it.
   *
   * @throws ProtocolError `PROTOCOL_UNSUPPORTED` without a private key
   */
  sign(key: Uint8Array | string, document: Plain, options: SignOptions): Promise<Uint8Array>
  /** name of the network that updates are signed for, and that verified reads expect */
  readonly network: string
}
