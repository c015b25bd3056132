import type { DecodedUpdate, UpdateCodec } from '../admission/codec-port.ts'
import { VmError } from '../errors.ts'
import type { Store, StoreBatch, StoreEntry } from '../store/store.ts'
import type { StoreCalls } from '../store/store-calls.ts'
import { KeyedLock } from './keyed-lock.ts'
import {
  count,
  type LiveUpdate,
  merge,
  type MergedUpdate,
  type RecordState,
  type WriterDocument,
} from './record-state.ts'
import type { UsageTracker } from './usage-tracker.ts'

/** What records work with. */
export interface RecordsInit {
  readonly store: Store
  readonly calls: StoreCalls
  /** calls from outside that may wait for one record */
  readonly maxWaiting: number
  readonly codec: Pick<UpdateCodec, 'decode'>
  readonly usage: UsageTracker
  /** Has a record checked for expiry at `ms`. */
  readonly scheduleExpiry: (id: string, ms: number) => void
  /** Called for a stored update with a `resumed` effect when its record is loaded. */
  readonly onResumed: (id: string, update: DecodedUpdate, live: LiveUpdate) => void
}

/** The records in memory and in the store, with a lock for each. */
export class Records {
  readonly #init: RecordsInit
  readonly #lock = new KeyedLock()
  readonly #cached = new Map<string, RecordState>()
  /** records whose last commit failed → the updates charged for: they are read again from the store before use */
  readonly #unverified = new Map<string, LiveUpdate[]>()
  /** records with a store call that is late: it may still have its effect, so the record is not touched until it settles */
  readonly #late = new Set<string>()

  constructor(init: RecordsInit) {
    this.#init = init
  }

  /**
   * Runs `work` on a record while nothing else does. Methods that take a `RecordState` are called from inside `work`
   * only, and `work` must not call `use` for the same record: it would wait for itself.
   *
   * @throws VmError `VM_STORAGE` or `VM_CORRUPT` when the record cannot be read
   */
  async use<T>(id: string, work: (record: RecordState) => T | Promise<T>): Promise<T> {
    return await this.#lock.run(id, async () => await this.#run(id, work))
  }

  /**
   * `use` for a caller outside of the machine: it gives up waiting when its signal aborts.
   *
   * @throws as `use`; VmError `VM_BUSY` when too many wait; the signal's reason when it aborted before `work` began
   */
  async useFor<T>(
    signal: AbortSignal | undefined,
    id: string,
    work: (record: RecordState) => T | Promise<T>,
  ): Promise<T> {
    const options = { signal, maxWaiting: this.#init.maxWaiting }
    return await this.#lock.run(
      id,
      async () => {
        signal?.throwIfAborted()
        return await this.#run(id, work)
      },
      options,
    )
  }

  /** Resolves when no work is under way. */
  async idle(): Promise<void> {
    await this.#lock.idle()
  }

  /** Rejects the calls that wait for a record, and those from now on. */
  abandon(reason: unknown): void {
    this.#lock.abandon(reason)
  }

  /** The record if it is in memory, without its lock: it may be about to change. */
  peek(id: string): RecordState | undefined {
    return this.#cached.get(id)
  }

  /**
   * Commits a merged update to the store and deletes the updates that it made unnecessary. Returns whether it was
   * stored: not when the store has it already, or when everything in it is overwritten.
   *
   * @throws VmError `VM_STORAGE` when the store fails
   */
  async store(
    record: RecordState,
    { update: { seq, signed }, owner, applied }: MergedUpdate,
    entry: StoreEntry,
    now: number,
  ): Promise<boolean> {
    const stored = !applied.duplicate && !applied.dropped.includes(entry.hash)
    const unneeded = applied.dropped.flatMap((hash) => owner.live.get(hash) ?? [])
    if (stored || unneeded.length > 0) {
      await this.#commit(record, stored ? [entry] : [], unneeded)
    }
    if (stored) {
      const { bytes: _, ...index } = entry
      this.#add(record, owner, { ...index, seq, signed })
    }
    unneeded.forEach((live) => {
      count(owner, live, -1)
    })
    this.#init.usage.removeAll(unneeded)
    this.#tidy(record)
    const next = owner.live.size === 0 ? undefined : owner.document.next(now)
    if (next !== undefined) {
      this.#init.scheduleExpiry(record.id, next)
    }
    return stored
  }

  /** Deletes what has expired at `now`; returns the number of updates deleted. What the store fails to delete is tried again in the next call. */
  async expire(record: RecordState, now: number): Promise<number> {
    for (const owner of record.documents.values()) {
      detach(record, owner, owner.document.prune(now))
    }
    const unneeded = record.pendingDeletes
    if (unneeded.length > 0) {
      await this.#callCommit(record.id, { put: [], drop: unneeded })
      record.pendingDeletes = []
      this.#init.usage.removeAll(unneeded)
    }
    this.#tidy(record)
    return unneeded.length
  }

  async #commit(record: RecordState, put: StoreEntry[], drop: LiveUpdate[]): Promise<void> {
    try {
      await this.#callCommit(record.id, { put, drop })
    } catch (err) {
      // the document already contains the update but the commit may have failed: discard it and reload from the store
      const live = [...record.documents.values()].flatMap((owner) => [...owner.live.values()])
      this.#cached.delete(record.id)
      this.#unverified.set(record.id, [...record.pendingDeletes, ...live])
      throw err
    }
  }

  async #callCommit(id: string, batch: StoreBatch): Promise<void> {
    const { store, calls } = this.#init
    const onLate = this.#block.bind(this, id)
    await calls.wait('to commit the update', async () => await store.commit(batch), { applied: 'unknown', onLate })
  }

  /** Refuses a record until a call has settled. */
  #block(id: string, call: Promise<unknown>): void {
    const unblock = (): void => {
      this.#late.delete(id)
    }
    this.#late.add(id)
    call.then(unblock, unblock)
  }

  async #run<T>(id: string, work: (record: RecordState) => T | Promise<T>): Promise<T> {
    if (this.#late.has(id)) {
      const message = 'a call to the store for this record is late and has not settled'
      throw new VmError('VM_STORAGE', message, { retryable: true })
    }
    return await work(this.#cached.get(id) ?? (await this.#load(id)))
  }

  async #load(id: string): Promise<RecordState> {
    const { store, calls, usage } = this.#init
    const record: RecordState = { id, documents: new Map(), pendingDeletes: [] }
    const onLate = this.#block.bind(this, id)
    const entries = await calls.wait('to read the record', async () => await store.read(id), { onLate })
    for (const entry of entries) {
      await this.#restore(record, entry)
    }
    const charged = this.#unverified.get(id)
    if (charged !== undefined) {
      usage.removeAll(charged)
      entries.forEach((entry) => {
        usage.add(entry)
      })
      this.#unverified.delete(id)
    }
    if (entries.length > 0) {
      this.#cached.set(id, record)
    }
    return record
  }

  /** Merges an update that the store has; its cost is counted already. */
  async #restore(record: RecordState, { bytes, ...index }: StoreEntry): Promise<void> {
    try {
      const { update } = await this.#init.codec.decode(bytes)
      const { owner, applied } = merge(record, update)
      record.documents.set(update.writer, owner)
      const live = { ...index, seq: update.seq, signed: update.signed }
      count(owner, live, 1)
      detach(record, owner, applied.dropped)
      if (index.resumed) {
        this.#init.onResumed(record.id, update, live)
      }
    } catch (cause) {
      throw new VmError('VM_CORRUPT', `the stored update ${index.hash} of this record cannot be decoded`, { cause })
    }
  }

  #add(record: RecordState, owner: WriterDocument, live: LiveUpdate): void {
    const { usage } = this.#init
    this.#cached.set(record.id, record)
    record.documents.set(live.writer, owner)
    // an update whose delete is pending may arrive again: then it must not be deleted
    usage.removeAll(record.pendingDeletes.filter(({ hash }) => hash === live.hash))
    record.pendingDeletes = record.pendingDeletes.filter(({ hash }) => hash !== live.hash)
    count(owner, live, 1)
    usage.add(live)
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

/** Moves updates that nothing needs from a document to the deletes that the store is still to make. */
function detach(record: RecordState, owner: WriterDocument, hashes: readonly string[]): void {
  for (const live of hashes.flatMap((hash) => owner.live.get(hash) ?? [])) {
    count(owner, live, -1)
    record.pendingDeletes.push(live)
  }
}
