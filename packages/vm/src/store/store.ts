/** A value, or a promise of it: a store that has the answer in memory gives it at once, and the machine does not wait a turn for it. */
export type MaybePromise<T> = T | Promise<T>

/** Identifies an update in a store. */
export interface StoreRef {
  /** the record's key in base32 */
  readonly record: string
  /** SHA-256 of the payload, 64 lower-case hex digits */
  readonly hash: string
  /** when the update's `retain` passes, milliseconds since 1970 */
  readonly retain: number
}

/** What is known of a stored update without its bytes. */
export interface StoreIndex extends StoreRef {
  /** the writer of the document that the update belongs to */
  readonly writer: string
  /** the writer whose quota pays: the author, or for a fact the writer of the request */
  readonly chargedTo: string
  /** bytes charged */
  readonly cost: number
  /** whether it requests an effect that a restart resumes */
  readonly resumed: boolean
  /** whether the bytes hold the author's signature */
  readonly signed: boolean
  /** whether it stays on this machine: unsigned, or a fact about a statement that its asker did not hand in itself */
  readonly local: boolean
}

/** An update as stored. */
export interface StoreEntry extends StoreIndex {
  /** verbatim */
  readonly bytes: Uint8Array
}

/** What a batch adds to the usage of one writer; negative numbers take away. */
export interface UsageChange {
  readonly writer: string
  /** bytes charged */
  readonly bytes: number
  /** records in which the writer has live updates */
  readonly records: number
}

/** What one writer uses: the sum of the changes committed so far. */
export interface Usage {
  /** bytes charged, in all records */
  readonly bytes: number
  /** records in which the writer has live updates */
  readonly records: number
}

/** What `commit` writes, whole or not at all. */
export interface StoreBatch {
  readonly put: readonly StoreEntry[]
  readonly drop: readonly StoreRef[]
  readonly usage: readonly UsageChange[]
}

/** An entry that is not what was written. */
export interface DamagedEntry {
  readonly record: string
  /** undefined when not even the hash can be read */
  readonly hash: string | undefined
  /** what was found and what was expected */
  readonly reason: string
}

/** The entries of one record. */
export interface StoredRecord {
  readonly entries: readonly StoreEntry[]
  /** entries of this record that were found damaged by this call and moved to the quarantine */
  readonly damaged: readonly DamagedEntry[]
}

/** What a store holds in all. */
export interface StoreTotals {
  /** live updates */
  readonly entries: number
  /** sum of the usage of all writers, bytes charged */
  readonly bytes: number
  /** sum of the records of all writers: the number of documents */
  readonly documents: number
}

/** A page of the index. */
export interface IndexPage {
  /** entries after this one in the order of the index; from the first one without it */
  readonly after?: StoreRef
  /** entries whose `retain` is at most this, milliseconds since 1970 */
  readonly until?: number
  /** number of entries at most, from 1 */
  readonly limit: number
}

/** A record with an update whose `retain` has passed. */
export interface DueRecord {
  readonly record: string
  /** the earliest `retain` in the record, milliseconds since 1970 */
  readonly retain: number
  /** all its updates, when the `retain` of every one has passed; undefined when something of it may remain */
  readonly entries: readonly StoreIndex[] | undefined
}

/** A page of the records that have something to expire. */
export interface DuePage {
  /** records after this one, by `retain` and then by id; from the first one without it */
  readonly after?: Pick<DueRecord, 'record' | 'retain'>
  /** the time, milliseconds since 1970: what has a `retain` up to it is due */
  readonly until: number
  /** number of records at most, from 1 */
  readonly limit: number
}

/** What a check of a store found. */
export interface StoreReport {
  /** updates that are intact */
  readonly entries: number
  /** updates that are not, and those in the quarantine already */
  readonly damaged: readonly DamagedEntry[]
  /** everything else that is wrong, such as `usage of 12D3… is 9 bytes; its updates cost 8`, one line each */
  readonly problems: readonly string[]
  /** whether all of it was mended: damaged updates are in the quarantine, and the rest agrees */
  readonly repaired: boolean
}

/**
 * Keeps the live updates of a machine: per update its verbatim bytes and an entry of the expiry index, per writer the usage. A
 * store protects what it keeps (checksums, versions) and does not interpret the bytes. `storeCases` of `@sr/vm/conformance`
 * tests what is said here.
 *
 * - **Order.** The machine calls `open` first and once, then the others, and `close` last. It has one call under way per record,
 *   and any number for different records. A call that rejects may have had its effect, unless its error has the code
 *   `STORE_FULL`; the machine then reads the record again.
 * - **Atomic.** A batch is written whole or not at all, also when the process ends meanwhile. When `commit` resolves, later
 *   calls see the batch, and so does a store that is opened again.
 * - **Drops before puts.** An entry that a batch drops and puts is there afterwards.
 * - **Idempotent.** Putting an entry that exists replaces it; dropping one that does not exist does nothing. An entry is
 *   identified by `record` and `hash`. Usage is no such thing: each batch adds to it.
 * - **Bytes.** The caller may write to its arrays as soon as `commit` has returned. Arrays that are returned belong to the caller.
 * - **Time.** A call that does not settle within the limit `storeTimeoutMs` counts as failed; the record is refused until it
 *   does settle.
 * - **Damage.** An entry that fails its checksum, or that the machine cannot decode, is moved to a quarantine: `read`, `get` and
 *   `index` do not return it any more, and its bytes are kept for a repair.
 * - **Errors** have a `code`: `STORE_MISSING` (initialised once, and its files are gone), `STORE_VERSION` (written by a later
 *   version), `STORE_LOCKED` (open in another process), `STORE_FULL` (no space left; nothing was written), `STORE_DAMAGED`,
 *   `STORE_FAILED` for the rest.
 */
export interface Store {
  open(): MaybePromise<void>
  commit(batch: StoreBatch): MaybePromise<void>
  /** The updates of one record, in any order; none for a record that does not exist. */
  read(record: string): MaybePromise<StoredRecord>
  /** One update; undefined when it does not exist. */
  get(record: string, hash: string): MaybePromise<StoreEntry | undefined>
  /** A page of the index of all updates, by `retain`, then by record and hash. */
  index(page: IndexPage): MaybePromise<readonly StoreIndex[]>
  /** Records with something to expire, by the earliest `retain` of each, then by id. */
  due(page: DuePage): MaybePromise<readonly DueRecord[]>
  /** Records with an update that is `resumed`, after a record id, in the order of the ids. */
  resumed(page: { readonly after?: string; readonly limit: number }): MaybePromise<readonly string[]>
  usage(writer: string): MaybePromise<Usage>
  totals(): MaybePromise<StoreTotals>
  /** Moves an update to the quarantine, for `reason`; its usage stays as it is. */
  quarantine(ref: StoreRef, reason: string): MaybePromise<void>
  /** Keeps the confirmed time of the machine, milliseconds since 1970, apart from the updates; the last one saved counts. */
  saveTime(ms: number): MaybePromise<void>
  /** The time that was saved last; undefined when none was. */
  loadTime(): MaybePromise<number | undefined>
  close(): MaybePromise<void>
  /**
   * Compares everything in the store: checksums, indexes, usage, totals. With `repair` it mends what it finds; only an open store
   * that no machine uses may be repaired.
   */
  check?(options: { readonly repair: boolean }): Promise<StoreReport>
}
