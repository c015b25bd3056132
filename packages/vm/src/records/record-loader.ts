import type { EventLoopBudget } from '@sr/runtime'
import type { DecodedUpdate, UpdateCodec } from '../admission/codec-port.ts'
import { BYTES_PER_SLOT } from '../admission/cost.ts'
import type { DamagedEntry, MaybePromise, Store, StoredRecord, StoreEntry, StoreIndex } from '../store/store.ts'
import { isPromise, type StoreCallOptions, type StoreCalls } from '../store/store-calls.ts'
import { count, emptyRecord, type LiveUpdate, merge, type RecordState, type WriterDocument } from './record-state.ts'

/** What decoding and merging an update costs besides its bytes, in slots: 40 µs without a signature. */
const UNITS_PER_UPDATE = 80

/** What a loader works with. */
export interface RecordLoaderInit {
  readonly store: Store
  readonly calls: StoreCalls
  readonly codec: Pick<UpdateCodec, 'decode'>
  /** what may be done in one turn of the event loop, in slots */
  readonly budget: EventLoopBudget
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
    for (const entry of entries) {
      await this.#turn(entry)
      await this.#restore(record, entry)
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
        await this.#turn({ bytes })
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
    const owners = [...documents].filter(([writer]) => writers?.includes(writer) ?? true).map(([, owner]) => owner)
    const updates: Uint8Array[] = []
    let left = maxBytes
    let last = after
    for (const hash of signedHashes(owners, after)) {
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

  /** Waits until an update may be decoded and merged. */
  async #turn({ bytes }: Pick<StoreEntry, 'bytes'>): Promise<void> {
    await this.#init.budget.take(UNITS_PER_UPDATE + bytes.length / BYTES_PER_SLOT)
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

/** Hashes that are chosen and sorted at once: a page seldom has more, and a record may have 30,000. */
const HASHES = 512

/** The hashes of the signed live updates after `after`, in order. */
function* signedHashes(owners: readonly WriterDocument[], after: string): Iterable<string> {
  for (let last: string | undefined = after; last !== undefined;) {
    const first = firstHashes(owners, last)
    yield* first
    last = first[HASHES - 1]
  }
}

/** The first of the hashes after `after`, up to 512. */
function firstHashes(owners: readonly WriterDocument[], after: string): string[] {
  let chosen: string[] = []
  // no hash from here on is among the first
  let end: string | undefined
  for (const { live } of owners) {
    for (const { hash, signed } of live.values()) {
      if (signed && hash > after && (end === undefined || hash < end)) {
        chosen.push(hash)
        if (chosen.length === 2 * HASHES) {
          chosen = chosen.sort().slice(0, HASHES)
          end = chosen[HASHES - 1]
        }
      }
    }
  }
  return chosen.sort().slice(0, HASHES)
}
