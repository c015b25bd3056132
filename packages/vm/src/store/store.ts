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
}

/** An update as stored. */
export interface StoreEntry extends StoreIndex {
  /** verbatim */
  readonly bytes: Uint8Array
}

/**
 * Keeps the live updates of a machine: per update one entry of verbatim bytes and one entry of the expiry index. A
 * store protects the bytes it keeps (checksums, versions) and does not interpret them.
 */
export interface Store {
  open(): Promise<void>
  /**
   * Writes the whole batch or nothing; the batch is stored when the promise resolves. Putting an entry that exists and
   * dropping one that does not are allowed.
   */
  commit(batch: { readonly put: readonly StoreEntry[]; readonly drop: readonly StoreRef[] }): Promise<void>
  /** The updates of one record, in any order. */
  read(record: string): Promise<StoreEntry[]>
  /** The index of all updates, by `retain`, earliest first. */
  index(): AsyncIterable<StoreIndex>
  close(): Promise<void>
}
