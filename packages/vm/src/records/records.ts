import type { UpdateCodec } from '../admission/codec-port.ts'
import { VmError } from '../errors.ts'
import type { Store, StoreEntry } from '../store/store.ts'
import type { ExpiryQueue } from '../time/expiry-queue.ts'
import { KeyedLock } from './keyed-lock.ts'
import {
  addLive,
  type LiveUpdate,
  merge,
  type MergedUpdate,
  type RecordState,
  removeLive,
  type WriterDocument,
} from './record-state.ts'
import type { UsageTracker } from './usage-tracker.ts'

/** The records in memory and in the store, with a lock for each. */
export class Records {
  readonly #store: Store
  readonly #decode: UpdateCodec['decode']
  readonly #usage: UsageTracker
  readonly #expiry: ExpiryQueue
  readonly #lock = new KeyedLock()
  readonly #cached = new Map<string, RecordState>()
  /** records whose last commit failed → the updates charged for: they are read again from the store before use */
  readonly #unverified = new Map<string, LiveUpdate[]>()

  constructor(store: Store, decode: UpdateCodec['decode'], usage: UsageTracker, expiry: ExpiryQueue) {
    this.#store = store
    this.#expiry = expiry
    this.#decode = decode
    this.#usage = usage
  }

  /**
   * Runs `work` on a record while nothing else does. Every method that takes a `RecordState` is called from inside
   * `work`, and `work` must not call `use` for the same record.
   *
   * @throws VmError `VM_STORAGE` or `VM_CORRUPT` when the record cannot be read; the signal's reason when it aborted before `work` began
   */
  async use<T>(id: string, signal: AbortSignal | undefined, work: (record: RecordState) => T | Promise<T>): Promise<T> {
    return await this.#lock.run(id, async () => {
      signal?.throwIfAborted()
      return await work(this.#cached.get(id) ?? (await this.#load(id)))
    })
  }

  /** Resolves when all work under way is done. */
  async idle(): Promise<void> {
    await this.#lock.idle()
  }

  /** The record if it is in memory. Without its lock only for a guess that is confirmed later, or whose age does not matter. */
  peek(id: string): RecordState | undefined {
    return this.#cached.get(id)
  }

  /**
   * Commits a merged update to the store and deletes the updates that it made unnecessary. Returns whether it
   * was stored: not when the store has it already, or when everything in it is overwritten.
   *
   * @throws VmError `VM_STORAGE` when the store fails
   */
  async store(
    record: RecordState,
    { update: { seq, signed }, owner, applied }: MergedUpdate,
    entry: StoreEntry,
    now: number,
  ): Promise<boolean> {
    const stored = !applied.held && !applied.dropped.includes(entry.hash)
    const unneeded = applied.dropped.flatMap((hash) => owner.live.get(hash) ?? [])
    if (stored || unneeded.length > 0) {
      await this.#commit(record, stored ? [entry] : [], unneeded)
    }
    if (stored) {
      const { bytes: _, ...index } = entry
      this.#add(record, owner, { ...index, seq, signed }, applied.forked)
    }
    for (const live of unneeded) {
      removeLive(owner, live)
      this.#usage.remove(live)
    }
    this.#tidy(record)
    const next = owner.live.size === 0 ? undefined : owner.document.next(now)
    if (next !== undefined) {
      this.#expiry.schedule(record.id, next)
    }
    return stored
  }

  /** Deletes what has expired at `now`; returns the number of updates deleted. What the store fails to delete is tried again in the next call. */
  async expire(record: RecordState, now: number): Promise<number> {
    for (const owner of record.documents.values()) {
      this.#detach(record, owner, owner.document.prune(now))
    }
    const unneeded = record.pendingDeletes
    if (unneeded.length > 0) {
      await this.#store.commit({ put: [], drop: unneeded })
      record.pendingDeletes = []
      for (const live of unneeded) {
        this.#usage.remove(live)
      }
    }
    this.#tidy(record)
    return unneeded.length
  }

  async #commit(record: RecordState, put: StoreEntry[], drop: LiveUpdate[]): Promise<void> {
    try {
      await this.#store.commit({ put, drop })
    } catch (cause) {
      // the document already contains the update but the commit may have failed: discard it and reload from the store
      this.#cached.delete(record.id)
      this.#unverified.set(record.id, [
        ...record.pendingDeletes,
        ...[...record.documents.values()].flatMap(({ live }) => [...live.values()]),
      ])
      throw new VmError('VM_STORAGE', 'the store failed to commit the update', {
        retryable: true,
        applied: 'unknown',
        cause,
      })
    }
  }

  async #load(id: string): Promise<RecordState> {
    const record: RecordState = { id, documents: new Map(), pendingDeletes: [] }
    const entries = await this.#read(id)
    for (const entry of entries) {
      await this.#restore(record, entry)
    }
    const charged = this.#unverified.get(id)
    if (charged !== undefined) {
      for (const live of charged) {
        this.#usage.remove(live)
      }
      for (const entry of entries) {
        this.#usage.add(entry)
      }
      this.#unverified.delete(id)
    }
    if (entries.length > 0) {
      this.#cached.set(id, record)
    }
    return record
  }

  async #read(id: string): Promise<StoreEntry[]> {
    try {
      return await this.#store.read(id)
    } catch (cause) {
      throw new VmError('VM_STORAGE', 'the store failed to read the record', { retryable: true, cause })
    }
  }

  /** Merges an update that the store has; its cost is counted already. */
  async #restore(record: RecordState, { bytes, ...index }: StoreEntry): Promise<void> {
    try {
      const { update } = await this.#decode(bytes)
      const { owner, applied } = merge(record, update)
      record.documents.set(update.writer, owner)
      addLive(owner, { ...index, seq: update.seq, signed: update.signed }, applied.forked)
      this.#detach(record, owner, applied.dropped)
    } catch (cause) {
      throw new VmError('VM_CORRUPT', `an update of the stored record cannot be decoded: ${index.hash}`, { cause })
    }
  }

  /** Moves updates that nothing needs from a document to the deletes that the store is still to make. */
  #detach(record: RecordState, owner: WriterDocument, hashes: readonly string[]): void {
    for (const live of hashes.flatMap((hash) => owner.live.get(hash) ?? [])) {
      removeLive(owner, live)
      record.pendingDeletes.push(live)
    }
  }

  #add(record: RecordState, owner: WriterDocument, live: LiveUpdate, forked: boolean): void {
    this.#cached.set(record.id, record)
    record.documents.set(live.writer, owner)
    // an update whose delete is pending may arrive again: then it must not be deleted
    record.pendingDeletes = record.pendingDeletes.filter((old) => {
      if (old.hash === live.hash) {
        this.#usage.remove(old)
      }
      return old.hash !== live.hash
    })
    addLive(owner, live, forked)
    this.#usage.add(live)
  }

  /** Removes documents without live updates, and from memory a record without documents. */
  #tidy(record: RecordState): void {
    for (const [writer, { live }] of record.documents) {
      if (live.size === 0) {
        record.documents.delete(writer)
      }
    }
    if (record.documents.size === 0 && record.pendingDeletes.length === 0) {
      this.#cached.delete(record.id)
    }
  }
}
