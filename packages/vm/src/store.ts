/** Names an update in a store. */
export interface StoreRef {
  /** the record's key, in base32 */
  readonly record: string
  /** SHA-256 of the payload, 64 lower-case hex digits */
  readonly hash: string
  /** when the update's `retain` passes, milliseconds */
  readonly retain: number
}

/** What a store tells of an update without reading its bytes: one entry of the expiry index. */
export interface StoreIndex extends StoreRef {
  /** whose document it belongs to */
  readonly writer: string
  /** whom it is charged to: the writer, or for a fact the writer that asked */
  readonly payer: string
  /** what it is charged, bytes */
  readonly charge: number
}

/** An update as stored. */
export interface StoreEntry extends StoreIndex {
  /** the verbatim bytes */
  readonly bytes: Uint8Array
}

/**
 * Where a machine keeps the live updates: per update one entry of verbatim bytes, and one in the
 * index of expiry. A store guards its own bytes (checksums, versions); it knows nothing of what
 * they mean.
 */
export interface Store {
  open(): Promise<void>
  /** Everything of a batch, or nothing; kept when the promise resolves. Putting what is there and dropping what is not are no errors. */
  commit(batch: { readonly put: readonly StoreEntry[]; readonly drop: readonly StoreRef[] }): Promise<void>
  /** The updates of one record, in any order. */
  read(record: string): Promise<StoreEntry[]>
  /** The index of everything, by `retain`, earliest first. */
  index(): AsyncIterable<StoreIndex>
  close(): Promise<void>
}
