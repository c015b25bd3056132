import { yieldToEventLoop } from '@sr/runtime'
import type { DueRecord, Store, StoreIndex } from '../store/store.ts'
import type { StoreCalls } from '../store/store-calls.ts'
import type { Clock } from './clock.ts'
import type { EffectiveTime } from './effective-time.ts'

/** Records visited together, so that the store commits them together; fewer where records have many updates. */
const FIRST_SLICE = 32
const SLICE = 64

/** Updates that are listed at once from which on fewer records are: the store in memory takes 1 µs for each. */
const MAX_ENTRIES = 2048

/** Time until a record that could not be visited is visited again, and until the index is read again when that failed, milliseconds. */
const RETRY_MS = 60_000

/** Shortest time between two looks at the index, milliseconds. */
const INTERVAL_MS = 1000

/** Slices that the store deletes at once: it commits together what arrives while it writes. */
const SLICES_AT_ONCE = 32

/** Longest time between two looks at the index while anything is stored, milliseconds: the clock may have jumped meanwhile. */
const MAX_WAIT_MS = 60_000

/** After the hashes of all updates. */
const LAST_HASH = 'g'

/**
 * Deletes what has expired of a record; rejects when that failed. `entries` are all its updates, if all have expired. Returns when to
 * visit the record again, if its place in the index is before what was visited.
 */
export type Visit = (
  record: string,
  now: number,
  entries: readonly StoreIndex[] | undefined,
) => Promise<number | undefined>

/** What a sweep works with. */
export interface ExpirySweepInit {
  readonly store: Store
  readonly calls: StoreCalls
  readonly clock: Clock
  readonly time: EffectiveTime
  /** Called before the index is read; returns what visits the records that it lists. */
  readonly visitor: () => Visit
  readonly onFailed: (cause: unknown) => void
}

/**
 * Has the records visited that have updates past their `retain`, in the order of the store's index and in slices. It keeps
 * nothing in memory but its place in the index, and sets no timer while the store is empty.
 */
export class ExpirySweep {
  readonly #init: ExpirySweepInit
  /** records to visit again → when, milliseconds since 1970 */
  readonly #again = new Map<string, number>()
  /** the last record that was visited in the order of the store's index */
  #after: DueRecord | undefined
  /** when something may be due, milliseconds since 1970 */
  #next = 0
  #running = false
  #sweeping = false
  #cancel: (() => void) | undefined

  constructor(init: ExpirySweepInit) {
    this.#init = init
  }

  start(): void {
    this.#running = true
    this.#plan(INTERVAL_MS)
  }

  stop(): void {
    this.#running = false
    this.#cancel?.()
  }

  /** Notes that the store has an update of a record with this `retain`. */
  note(record: string, retain: number): void {
    if (this.#after !== undefined && retain <= this.#after.retain) {
      // stored late: its place in the index is before what was visited
      this.#again.set(record, retain)
    }
    if (retain < this.#next) {
      this.#next = retain
      this.#plan(retain - this.#init.time.read().now)
    }
  }

  /** Looks at the index soon, after the time was confirmed. */
  wake(): void {
    this.#plan(INTERVAL_MS)
  }

  #plan(ms: number): void {
    if (!this.#running || this.#sweeping || ms === Infinity) {
      return
    }
    this.#cancel?.()
    this.#cancel = this.#init.clock.after(Math.min(MAX_WAIT_MS, Math.max(INTERVAL_MS, ms)), () => {
      this.#cancel = undefined
      void this.#sweep()
    })
  }

  async #sweep(): Promise<void> {
    const { time, onFailed } = this.#init
    this.#sweeping = true
    try {
      if (time.read().confirmed && time.final) {
        await this.#visitDue(time.read().now)
      }
      this.#next = Infinity // what is noted from now on counts
      this.#noteNext(await this.#nextRetain())
      this.#again.forEach(this.#noteNext.bind(this))
    } catch (cause) {
      onFailed(cause)
      this.#noteNext(time.read().now + RETRY_MS)
    }
    this.#sweeping = false
    this.#plan(this.#next - time.read().now)
  }

  #noteNext(ms: number): void {
    this.#next = Math.min(this.#next, ms)
  }

  /** Visits the records that are due, in slices; the store reads the next slices while it deletes these. */
  async #visitDue(now: number): Promise<void> {
    const { time, visitor } = this.#init
    const again = [...this.#again].filter(([, at]) => at <= now).map(([record]) => [record, undefined] as const)
    const visiting: Array<Promise<unknown>> = []
    let limit = FIRST_SLICE
    for (let isLast = false; !isLast;) {
      const visit = visitor()
      const due = await this.#due(now, limit)
      // what has expired by a time that may step back is hidden and not deleted
      if (!this.#running || !time.final) {
        break
      }
      const visits = new Map<string, DueRecord['entries']>([
        ...again.splice(0, SLICE),
        ...due.map(({ record, entries }) => [record, entries] as const),
      ])
      visiting.push(
        Promise.all(Array.from(visits, async ([record, entries]) => await this.#visit(visit, record, now, entries))),
      )
      this.#after = due.at(-1) ?? this.#after
      isLast = due.length < limit && again.length === 0
      const listed = due.reduce((sum, { entries }) => sum + (entries?.length ?? 1), 0)
      limit = listed > MAX_ENTRIES ? Math.max(1, limit >> 1) : Math.min(SLICE, 2 * limit)
      if (visiting.length >= SLICES_AT_ONCE) {
        await visiting.shift()
      }
      await yieldToEventLoop()
    }
    await Promise.all(visiting)
  }

  /** The next records with something to expire. */
  async #due(now: number, limit: number): Promise<readonly DueRecord[]> {
    const { store, calls } = this.#init
    const after = this.#after === undefined ? {} : { after: this.#after }
    return await calls.wait('to read its index', () => store.due({ ...after, until: now, limit }))
  }

  async #visit(visit: Visit, ...[record, now, entries]: Parameters<Visit>): Promise<void> {
    try {
      this.#again.delete(record)
      const again = await visit(record, now, entries)
      if (again !== undefined) {
        this.#again.set(record, again)
      }
    } catch (cause) {
      this.#init.onFailed(cause)
      this.#again.set(record, now + RETRY_MS)
    }
  }

  /** The first `retain` in the index after the place of the sweep; Infinity without one. */
  async #nextRetain(): Promise<number> {
    const { store, calls } = this.#init
    const after = this.#after === undefined ? {} : { after: { ...this.#after, hash: LAST_HASH } }
    const [first] = await calls.wait('to read its index', () => store.index({ ...after, limit: 1 }))
    return first?.retain ?? Infinity
  }
}
