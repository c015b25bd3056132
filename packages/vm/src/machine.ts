import type { Grammar, TagProblem } from '@sr/ir'
import type { Path } from '@sr/xr'
import type { Selector } from '@sr/xr/selector'
import type { UpdateCodec } from './admission/codec-port.ts'
import type { Meter } from './admission/meter.ts'
import type { Receipt, SubmitOptions, UnsignedUpdate } from './admission/receipt.ts'
import type { Counter } from './counters.ts'
import type { MachineLimits } from './limits.ts'
import type { ComponentLogger, MachineEvent, Metrics } from './observe.ts'
import type { FeedGap, FeedOptions, StoreEvent } from './feed/feed.ts'
import type { IndexPage, Store, StoreEntry, StoreIndex, StoreTotals, Usage } from './store/store.ts'
import type { Clock } from './time/clock.ts'
import type { Instant } from './time/effective-time.ts'
import type {
  GetOptions,
  Page,
  PageOptions,
  QueryOptions,
  QueryPage,
  RecordView,
  UpdatesOptions,
  UpdatesPage,
} from './query/reads.ts'
import type { WatchOptions, WatchPart } from './watch/parts.ts'
import type { Revision } from './watch/revision.ts'

/** The parts of a machine. */
export interface MachineInit {
  /** peer id of this machine */
  readonly self: string
  /** encodes and decodes updates */
  readonly updates: UpdateCodec
  /** the smart tags that this machine answers; default: none */
  readonly grammar?: Grammar
  /** default: a store in memory */
  readonly store?: Store
  /** default: the clock of the process */
  readonly clock?: Clock
  /** prices updates; default: everything is free */
  readonly meter?: Meter
  /** numbers from 0 up to 1, for the digits of a seq below the clock's resolution and the epoch; default: Math.random */
  readonly random?: () => number
  /** receives every refusal, failure and damage as it happens; what it throws is discarded */
  readonly observe?: (event: MachineEvent) => void
  /** writes the same events as `smart-record:machine`; the `logger` of a libp2p node or `defaultLogger()` of `@libp2p/logger` fit */
  readonly logger?: ComponentLogger
  /** where the counters go besides: the `metrics` of libp2p fit */
  readonly metrics?: Metrics
  /** limits that differ from the defaults */
  readonly limits?: Partial<MachineLimits>
}

/** A watch of a record: an iterator over its parts, in order. It is pulled, and `return` ends it. */
export interface Watch extends AsyncIterableIterator<WatchPart, undefined> {
  /** Asks for a marker after the changes so far. */
  mark(): void
  return(): Promise<IteratorResult<WatchPart, undefined>>
}

/** What an update would come to, as `explain` finds out. */
export interface Explanation {
  /** the receipt that `update` would return, without its effects */
  readonly receipt: Omit<Receipt, 'problems' | 'effects'>
  /** every predicate of the update: whether the grammar understands it, claims it and cannot read it, or does not know it */
  readonly tags: ReadonlyArray<{ readonly path: Path; readonly tag: string; readonly status: TagStatus }>
  readonly problems: readonly TagProblem[]
  /** what its writer uses now */
  readonly usage: Usage
  /** what is left, before this update, of its writer's quotas of bytes and records, and of the bytes of all writers */
  readonly left: { readonly bytes: number; readonly records: number; readonly totalBytes: number }
}

/** What a grammar says about a predicate. */
export type TagStatus = 'understood' | 'malformed' | 'unknown'

/** What a machine tells about itself. */
export interface MachineInfo {
  readonly self: string
  /** new at every start */
  readonly revision: Revision
  readonly time: Instant
  /** version of the merge that this machine obeys; replicas with different ones may show different trees */
  readonly merge: string
  readonly limits: MachineLimits
  /** tags that the grammar reads */
  readonly tags: readonly string[]
  /** what the store holds */
  readonly totals: StoreTotals
  /** records in memory, and bytes they are charged */
  readonly cached: { readonly records: number; readonly bytes: number }
}

/** The part of a machine that protocols call. */
export interface Machine {
  /** peer id of this machine */
  readonly self: string
  readonly limits: MachineLimits
  /** whether calls are served: after `start` and before `close` */
  readonly running: boolean
  /** Admits an update without a signature; the caller must know that it comes from `update.writer`. */
  updateUnsigned(update: UnsignedUpdate, options?: SubmitOptions): Promise<Receipt>
  /** Admits the verbatim bytes of a signed update. */
  update(bytes: Uint8Array, options?: SubmitOptions): Promise<Receipt>
  /** What a record shows now, by writer, without anything expired; empty when there is no such record. */
  get(key: Uint8Array, options?: GetOptions): Promise<RecordView>
  /** A page of what a record shows: whole documents, or what stands at a path of them. */
  getPage(key: Uint8Array, options?: PageOptions): Promise<Page>
  /** A page of the verbatim signed updates behind what a record shows; a reader verifies and merges them itself. */
  getUpdates(key: Uint8Array, options?: UpdatesOptions): Promise<UpdatesPage>
  /** A page of the parts of a record whose path matches a selector, such as `parseSelector('peers/*')` of `@sr/xr/selector`. */
  query(key: Uint8Array, selector: Selector, options?: QueryOptions): Promise<QueryPage>
  /**
   * Watches a record: a snapshot and a marker, then every change in order, or a gap before the changes that lead on. With `from`
   * it goes on from there, or begins with a reset. A watcher that is not pulled costs no memory but what it knows.
   */
  watch(key: Uint8Array, options?: WatchOptions): Promise<Watch>
  /**
   * Every put and drop of the store after its commit, in order, for replication and whatever else follows the store. A reader that
   * falls too far behind gets a gap, and catches up by `indexPage`. It costs no memory but its place.
   *
   * @throws VmError `VM_SHUTDOWN` when the machine is not running
   */
  feed(options?: FeedOptions): AsyncIterableIterator<StoreEvent | FeedGap, undefined>
  /** One stored update, by the hash of its payload; undefined when it is not live. */
  readUpdate(key: Uint8Array, hash: string): Promise<StoreEntry | undefined>
  /** A page of the index of all stored updates, by `retain`. */
  indexPage(page: IndexPage): Promise<readonly StoreIndex[]>
  /** What `update` or `updateUnsigned` would do, with the same checks. It changes nothing. */
  explain(update: Uint8Array | UnsignedUpdate, options?: SubmitOptions): Promise<Explanation>
  info(): Promise<MachineInfo>
  /** What a writer is charged for now. */
  usage(writer: string): Promise<Usage>
  start(): Promise<void>
  close(): Promise<void>
}

/** A machine with what its operator may ask. */
export interface LocalMachine extends Machine, AsyncDisposable {
  /** counts since the machine was created, by name */
  counters(): ReadonlyMap<Counter, number>
  /** the time that the machine uses, whether it is confirmed, and how long until it is */
  time(): Instant
  /**
   * Confirms the wall clock at once, as an hour of steady running does: for an operator who knows that it is right. A confirmed
   * time does not step back.
   */
  confirmTime(): Instant
}
