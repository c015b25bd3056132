import type { Via } from '../admission/receipt.ts'
import { VmError } from '../errors.ts'
import type { MaybePromise, StoreBatch, StoreEntry, StoreIndex } from '../store/store.ts'
import { isPromise, settle } from '../store/store-calls.ts'
import type { Revision } from '../watch/revision.ts'
import { KeyedLock } from './keyed-lock.ts'
import { RecordCache } from './record-cache.ts'
import type { RecordLoader } from './record-loader.ts'
import {
  count,
  emptyDocument,
  emptyRecord,
  type LiveUpdate,
  type MergedUpdate,
  nextExpiry,
  type RecordState,
  slotsToShow,
  type WriterDocument,
} from './record-state.ts'
import type { RecordSnapshot } from './document-view.ts'
import type { RecordsInit } from './records-init.ts'
import { showInTurns, SLOTS_AT_ONCE, takeSnapshot } from './snapshot.ts'
import { usageChanges } from './usage-changes.ts'

/** What an update costs that is deleted, in slots. */
const UNITS_PER_DROP = 20

/** What a document costs besides its slots when it is pruned, in slots. */
const UNITS_PER_DOCUMENT = 20

/** Updates that are deleted in one commit: 2 to 4 ms. */
const DROPS_AT_ONCE = 500

/** The records in memory and in the store, with a lock for each. */
export class Records {
  readonly #init: RecordsInit
  readonly #loader: RecordLoader
  readonly #lock = new KeyedLock()
  readonly #cache: RecordCache
  /** records with a store call that is late: it may still have its effect, so the record is not touched until it settles */
  readonly #late = new Set<string>()
  #counter = 0

  constructor(init: RecordsInit) {
    this.#init = init
    this.#loader = init.loader
    this.#cache = new RecordCache(
      init.cacheBytes,
      ({ id }) => init.watches.isWatched(id) || this.#lock.isHeld(id),
      ({ id }) => {
        init.watches.forget(id)
        init.onLeave(id)
      },
      (record) => record.snapshot?.until ?? (init.watches.has(record.id) ? init.watches.of(record).until : 0),
    )
  }

  /** number and charged bytes of the records in memory */
  get cached(): { readonly records: number; readonly bytes: number } {
    return { records: this.#cache.size, bytes: this.#cache.bytes }
  }

  /** number of records that have left memory so far */
  get left(): number {
    return this.#cache.left
  }

  /** the revision of the machine: that of the latest change of all records */
  get revision(): Revision {
    return { epoch: this.#init.epoch, counter: this.#counter }
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

  /** What a record shows now, if it is in memory, no work is under way on it, and there is little to compute. */
  snapshotAtOnce(id: string): RecordSnapshot | undefined {
    const record = this.#lock.isHeld(id) || this.#late.has(id) ? undefined : this.#cache.use(id)
    return record === undefined ? undefined : this.#snapshot(record, SLOTS_AT_ONCE)
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
    return this.#cache.peek(id)
  }

  /** What a record shows now. It is the same object until that changes. */
  snapshot(record: RecordState): RecordSnapshot {
    return this.#snapshot(record, Infinity) as RecordSnapshot
  }

  /** As `snapshot`; undefined when more slots must be visited than `maxSlots`. */
  #snapshot(record: RecordState, maxSlots: number): RecordSnapshot | undefined {
    const before = record.snapshot?.documents
    this.noticeExpiry(record)
    if (record.snapshot === undefined) {
      const { now } = this.#init.time.read()
      if (maxSlots < Infinity && slotsToShow(record, now) > maxSlots) {
        return undefined
      }
      record.snapshot = takeSnapshot(record, now, { epoch: this.#init.epoch, counter: record.counter }, before)
    }
    return record.snapshot
  }

  /** Shows the documents of a record, so that `snapshot` finds them shown, with other work of the process in between. */
  async prepare(record: RecordState): Promise<void> {
    await showInTurns(record, this.#init)
  }

  /** Keeps a record in memory, also an empty one, while it is watched. */
  keep(record: RecordState): void {
    this.#cache.keep(record)
  }

  /** Has a record read from the store again before it is used. */
  discard(id: string): void {
    const record = this.#cache.peek(id)
    if (record !== undefined) {
      this.#cache.remove(record, 0)
    }
  }

  /** Lets a record leave memory that was there for its watchers alone. */
  unwatched(id: string): void {
    const record = this.#cache.peek(id)
    if (record?.documents.size === 0 && !this.#init.watches.isWatched(id) && !this.#lock.isHeld(id)) {
      this.#cache.remove(record, Infinity)
    }
  }

  /**
   * Gives a record a new counter if something has expired in it since it was read last. It is called before the record changes, and before
   * a watch of it begins: what is shown from now on is another state.
   */
  noticeExpiry(record: RecordState): void {
    const { watches, time } = this.#init
    const { counter, snapshot } = record
    const { now } = time.read()
    if (watches.has(record.id)) {
      watches.expire(record)
      record.counter = Math.max(counter, watches.of(record).counter)
    }
    // an unconfirmed time may step back
    if (snapshot !== undefined && (now < snapshot.since || now >= snapshot.until)) {
      record.counter = record.counter === counter ? ++this.#counter : record.counter
      record.snapshot = undefined
    }
  }

  /** The next number of the counter that rises with every change of any record. */
  nextCounter(): number {
    return ++this.#counter
  }

  /**
   * Commits a merged update to the store and deletes the updates that it made unnecessary. Returns whether it was
   * stored: not when the store has it already, or when everything in it is overwritten.
   *
   * @throws VmError `VM_STORAGE` or `VM_READONLY` when the store fails
   */
  async store(
    record: RecordState,
    { update, owner, applied }: MergedUpdate,
    entry: StoreEntry,
    via: Via,
  ): Promise<boolean> {
    const stored = !applied.duplicate && !applied.dropped.includes(entry.hash)
    const dropped = applied.dropped.flatMap((hash) => owner.live.get(hash) ?? [])
    if (stored) {
      record.documents.set(entry.writer, owner)
    }
    if (stored || dropped.length > 0) {
      const committing = this.#commit(record, stored ? entry : undefined, dropped, via)
      if (isPromise(committing)) {
        await committing
      }
    }
    if (stored) {
      const { bytes: _, ...index } = entry
      count(owner, { ...index, seq: update.seq }, 1)
    }
    if (applied.changed) {
      this.#touch(record)
      this.#init.watches.changed(record, entry.writer, stored && entry.signed ? entry.bytes : undefined)
    }
    this.#tidy(record)
    const next = owner.live.size === 0 ? undefined : owner.document.next(this.#init.time.read().now)
    if (next !== undefined) {
      this.#init.scheduleExpiry(record.id, next)
    }
    return stored
  }

  /** Deletes what has expired at `now`; returns the number of updates deleted. */
  async expire(record: RecordState, now: number): Promise<number> {
    this.noticeExpiry(record)
    const { budget } = this.#init
    const dropped: LiveUpdate[] = []
    for (const { document, live } of record.documents.values()) {
      await budget.take(UNITS_PER_DOCUMENT + document.slots)
      dropped.push(...document.prune(now).flatMap((hash) => live.get(hash) ?? []))
    }
    const deleted = dropped.length + record.unneeded.length
    const isShown = record.snapshot !== undefined
    await this.#drop(record, dropped)
    if (deleted > 0 && !isShown) {
      this.#touch(record)
    }
    this.#tidy(record)
    return deleted
  }

  /**
   * Deletes what has expired at `now` in a record that may not be in memory. It does not enter memory when `entries` says that all
   * its updates had expired when `left` was read. Returns the number of updates deleted, and when to expire it again if an update
   * stays although its `retain` has passed: the index of the store does not list it again.
   */
  async expireStored(
    id: string,
    now: number,
    { entries, left }: { readonly entries: readonly StoreIndex[] | undefined; readonly left: number },
  ): Promise<{ readonly deleted: number; readonly again: number | undefined }> {
    return await this.#lock.run(id, async () => {
      const wasUsed = this.#cache.peek(id) !== undefined || this.#cache.hasLeftSince(id, left)
      if (entries !== undefined && !wasUsed && !this.#late.has(id)) {
        await this.#dropAll(id, entries)
        return { deleted: entries.length, again: undefined }
      }
      return await this.#run(id, async (record) => {
        const deleted = await this.expire(record, now)
        const stays = [...record.documents.values()].some(({ live }) =>
          [...live.values()].some(({ retain }) => retain <= now),
        )
        return { deleted, again: stays ? nextExpiry(record, now) : undefined }
      })
    })
  }

  /** Drops all entries of a record that is not in memory. */
  async #dropAll(id: string, entries: readonly StoreIndex[]): Promise<void> {
    const record = emptyRecord(id, 0)
    const dropped = entries.map((index) => ({ ...index, seq: 0 }))
    for (const live of dropped) {
      const owner = record.documents.get(live.writer) ?? emptyDocument()
      record.documents.set(live.writer, owner)
      owner.counted = true
      count(owner, live, 1)
    }
    await this.#drop(record, dropped)
  }

  /** Deletes updates that have ended, and those that nothing needs, in batches: each of them by itself leaves the record valid. */
  async #drop(record: RecordState, dropped: readonly LiveUpdate[]): Promise<void> {
    for (let from = 0; from === 0 || from < dropped.length; from += DROPS_AT_ONCE) {
      const some = dropped.slice(from, from + DROPS_AT_ONCE)
      if (some.length + record.unneeded.length > 0) {
        await this.#init.budget.take(UNITS_PER_DROP * some.length)
        await this.#commit(record, undefined, some)
      }
    }
  }

  /** Writes a batch, and then takes what it dropped out of the documents. */
  #commit(
    record: RecordState,
    put: StoreEntry | undefined,
    dropped: LiveUpdate[],
    via: Via = 'own',
  ): MaybePromise<void> {
    const { store, calls, usage, onCommitted, onUncertain } = this.#init
    const drop = [...record.unneeded, ...dropped]
    const changes = usageChanges(record, put, drop)
    const batch: StoreBatch = { put: put === undefined ? [] : [put], drop, usage: changes }
    const onLate = (call: Promise<unknown>): void => {
      this.#block(record.id, call, () => {
        usage.forget(changes)
        onUncertain(record.id, put)
      })
    }
    const fail = (err: unknown): never => {
      // the document already contains the update but the commit may have failed: discard it and reload from the store
      usage.end(changes, false)
      this.#cache.remove(record, 0)
      onUncertain(record.id, put)
      throw err
    }
    const done = (): void => {
      usage.end(changes, true)
      onCommitted({ put, dropped: drop, via })
      record.unneeded = []
      for (const live of dropped) {
        count(record.documents.get(live.writer) as WriterDocument, live, -1)
      }
    }
    usage.begin(changes)
    let committing: MaybePromise<void>
    try {
      committing = calls.wait('to commit the update', () => store.commit(batch), { applied: 'unknown', onLate })
    } catch (err) {
      return fail(err)
    }
    return isPromise(committing) ? settle(committing, done, fail) : done()
  }

  #touch(record: RecordState): void {
    record.counter = ++this.#counter
    record.snapshot = undefined
  }

  /** Refuses a record until a call has settled. */
  #block(id: string, call: Promise<unknown>, settled: () => void): void {
    const unblock = (): void => {
      this.#late.delete(id)
      settled()
    }
    this.#late.add(id)
    call.then(unblock, unblock)
  }

  async #run<T>(id: string, work: (record: RecordState) => T | Promise<T>): Promise<T> {
    if (this.#late.has(id)) {
      const message = 'a call to the store for this record is late and has not settled'
      throw new VmError('VM_STORAGE', message, { retryable: true })
    }
    return await work(this.#cache.use(id) ?? (await this.#load(id)))
  }

  async #load(id: string): Promise<RecordState> {
    const { time, watches, scheduleExpiry } = this.#init
    const onLate = (call: Promise<unknown>): void => {
      this.#block(id, call, () => {})
    }
    const counter = this.#cache.changedAt(id, time.read().now) ?? ++this.#counter
    const record = await this.#loader.load(id, counter, onLate)
    watches.reloaded(record)
    if (record.documents.size > 0 || watches.isWatched(id)) {
      this.#cache.keep(record)
      const next = nextExpiry(record, time.read().now)
      if (next !== undefined) {
        scheduleExpiry(id, next)
      }
    }
    return record
  }

  /** Removes documents without live updates, and from memory a record without documents. */
  #tidy(record: RecordState): void {
    for (const [writer, owner] of record.documents) {
      if (owner.live.size === 0 && !owner.counted) {
        record.documents.delete(writer)
      }
    }
    if (record.documents.size === 0 && !this.#init.watches.isWatched(record.id)) {
      this.#cache.remove(record, Infinity)
    } else {
      this.#cache.keep(record)
    }
  }
}
