/** Identifies an update in a store. */
export interface StoreRef {
  /** the record's key in base32 */
  readonly record: string
  /** SHA-256 of the payload, 64 lower-case hex digits */
  readonly hash: string
  /** when the update's `retain` passes, milliseconds since 1970 */
  readonly retain: number
}

/** One entry of a store's expiry index: what is known of an update without its bytes. */
export interface StoreIndex extends StoreRef {
  /** the writer of the document that the update belongs to */
  readonly writer: string
  /** the writer whose quota pays: the author, or for a fact the writer of the request */
  readonly chargedTo: string
  /** bytes charged */
  readonly cost: number
  /** whether it requests an effect that a restart resumes */
  readonly resumed: boolean
}

/** An update as stored. */
export interface StoreEntry extends StoreIndex {
  /** verbatim */
  readonly bytes: Uint8Array
}

/** What `commit` writes, whole or not at all. */
export interface StoreBatch {
  readonly put: readonly StoreEntry[]
  readonly drop: readonly StoreRef[]
}

/**
 * Keeps the live updates of a machine: per update one entry of verbatim bytes and one entry of the expiry index. A
 * store protects the bytes it keeps (checksums, versions) and does not interpret them. `storeCases` of
 * `@sr/vm/conformance` tests what is said here.
 *
 * - **Order.** The machine calls `open` first and once, then `loadTime` and `index`, then the others, and `close` last. It
 *   has one call under way per record, and any number for different records. A call that rejects may have had its
 *   effect; the machine then reads the record again.
 * - **Atomic.** A batch is written whole or not at all, also when the process ends meanwhile. When `commit` resolves, later
 *   calls see the batch, and so does a store that is opened again.
 * - **Drops before puts.** An entry that a batch drops and puts is there afterwards.
 * - **Idempotent.** Putting an entry that exists replaces it; dropping one that does not exist does nothing. An entry is
 *   identified by `record` and `hash`.
 * - **Bytes.** The caller may write to its arrays as soon as `commit` has returned its promise. Arrays that `read` returns
 *   belong to the caller.
 * - **Time.** A call that does not settle within the limit `storeTimeoutMs` counts as failed; the record is refused until it
 *   does settle.
 */
export interface Store {
  open(): Promise<void>
  commit(batch: StoreBatch): Promise<void>
  /** The updates of one record, in any order; none for a record that does not exist. */
  read(record: string): Promise<StoreEntry[]>
  /** The index of all updates, by `retain`, earliest first. */
  index(): AsyncIterable<StoreIndex>
  /** Keeps the confirmed time of the machine, milliseconds since 1970, apart from the updates; the last one saved counts. */
  saveTime(ms: number): Promise<void>
  /** The time that was saved last; undefined when none was. */
  loadTime(): Promise<number | undefined>
  close(): Promise<void>
}
