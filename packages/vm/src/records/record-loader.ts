import { yieldToEventLoop } from '@sr/runtime'
import type { DecodedUpdate, UpdateCodec } from '../admission/codec-port.ts'
import type { DamagedEntry, MaybePromise, Store, StoredRecord, StoreEntry, StoreIndex } from '../store/store.ts'
import { isPromise, type StoreCallOptions, type StoreCalls } from '../store/store-calls.ts'
import { count, emptyRecord, type LiveUpdate, merge, type RecordState } from './record-state.ts'

/** Updates decoded and merged before other work of the process runs: about 5 ms. */
const SLICE = 128

/** What a loader works with. */
export interface RecordLoaderInit {
  readonly store: Store
  readonly calls: StoreCalls
  readonly codec: Pick<UpdateCodec, 'decode'>
  /** Called for a stored update with a `resumed` effect. */
  readonly onResumed: (id: string, update: DecodedUpdate, live: LiveUpdate) => void
  /** Called for an update that cannot be read and was moved to the store's quarantine. */
  readonly onDamaged: (damaged: DamagedEntry) => void
}

/** Which signed updates to read. */
export interface SignedUpdatesOptions {
  readonly writers?: readonly string[] | undefined
  readonly after?: string
  readonly maxBytes?: number
}

/** Reads records from the store. */
export class RecordLoader {
  readonly #init: RecordLoaderInit

  constructor(init: RecordLoaderInit) {
    this.#init = init
  }

  /** Merges the stored updates of a record. One that cannot be decoded is set aside and reported; the rest is served. */
  async load(id: string, counter: number, onLate: StoreCallOptions<StoredRecord>['onLate']): Promise<RecordState> {
    const reading = this.#read(id, onLate === undefined ? {} : { onLate })
    const { entries, damaged } = isPromise(reading) ? await reading : reading
    const record = emptyRecord(id, counter)
    for (const [n, entry] of entries.entries()) {
      await this.#restore(record, entry)
      if (n % SLICE === SLICE - 1) {
        await yieldToEventLoop()
      }
    }
    damaged.forEach(this.#init.onDamaged)
    return record
  }

  /** A copy of one writer's document: it may be changed and thrown away. */
  async copyOf(id: string, writer: string): Promise<RecordState> {
    const { entries, damaged } = await this.#read(id)
    damaged.forEach(this.#init.onDamaged)
    const copy = emptyRecord(id, 0)
    for (const { bytes, ...index } of entries) {
      if (index.writer === writer) {
        const { update } = await this.#init.codec.decode(bytes)
        const { owner } = merge(copy, update)
        copy.documents.set(writer, owner)
        count(owner, { ...index, seq: update.seq }, 1)
      }
    }
    return copy
  }

  /**
   * The stored updates of a record that are live and signed, in the order of their hashes, from the first one after `after` on: at least
   * one, and as many as fit into `maxBytes`. `more` tells whether there are others.
   */
  async signedUpdates(
    { id, documents }: RecordState,
    { writers, after = '', maxBytes = Infinity }: SignedUpdatesOptions,
  ): Promise<{ readonly updates: Uint8Array[]; readonly last: string; readonly more: boolean }> {
    const { store, calls } = this.#init
    const hashes = [...documents]
      .filter(([writer]) => writers?.includes(writer) ?? true)
      .flatMap(([, { live }]) => [...live.values()].filter(({ signed }) => signed).map(({ hash }) => hash))
      .filter((hash) => hash > after)
      .sort()
    const updates: Uint8Array[] = []
    let left = maxBytes
    let last = after
    for (const hash of hashes) {
      const entry = await calls.wait('to read an update', () => store.get(id, hash))
      if (entry !== undefined && updates.length > 0 && entry.bytes.length > left) {
        return { updates, last, more: true }
      }
      if (entry === undefined) {
        this.#init.onDamaged({ record: id, hash, reason: 'the store does not return it' })
      } else {
        updates.push(entry.bytes)
        left -= entry.bytes.length
      }
      last = hash
    }
    return { updates, last, more: false }
  }

  #read(id: string, options: StoreCallOptions<StoredRecord> = {}): MaybePromise<StoredRecord> {
    return this.#init.calls.wait('to read the record', () => this.#init.store.read(id), options)
  }

  /** Merges an update that the store has; its cost is counted already. */
  async #restore(record: RecordState, { bytes, ...index }: StoreEntry): Promise<void> {
    let update: DecodedUpdate
    try {
      ;({ update } = await this.#init.codec.decode(bytes))
    } catch (cause) {
      return await this.#quarantine(index, cause)
    }
    const { owner, applied } = merge(record, update)
    record.documents.set(update.writer, owner)
    owner.counted = true
    const live = { ...index, seq: update.seq }
    count(owner, live, 1)
    for (const unneeded of applied.dropped.flatMap((hash) => owner.live.get(hash) ?? [])) {
      count(owner, unneeded, -1)
      record.unneeded.push(unneeded)
    }
    if (index.resumed) {
      this.#init.onResumed(record.id, update, live)
    }
  }

  async #quarantine(index: StoreIndex, cause: unknown): Promise<void> {
    const { store, calls, onDamaged } = this.#init
    const { record, hash } = index
    const reason = `cannot be decoded: ${cause instanceof Error ? cause.message : String(cause)}`
    await calls.wait('to set a damaged update aside', () => store.quarantine(index, reason))
    onDamaged({ record, hash, reason })
  }
}
