import { VmError } from '../errors.ts'
import type { Clock } from '../time/clock.ts'
import type { EffectiveTime } from '../time/effective-time.ts'
import type { WatchOptions } from './parts.ts'
import { RecordWatch, type WatchedOwner } from './record-watch.ts'
import type { Watcher, WatcherInit } from './watcher.ts'

/** Records without watchers whose history is kept, for watchers that come back: at most 64 MiB in all. */
const MAX_UNWATCHED = 256

/** Time until what has expired in a watched record is looked at again after that failed, milliseconds. */
const RETRY_MS = 1000

/** What the watches of a machine work with. */
export interface WatchesInit {
  readonly clock: Clock
  readonly time: EffectiveTime
  readonly epoch: Uint8Array
  /** watches in all */
  readonly maxWatches: number
  /** changes that a record remembers */
  readonly maxChanges: number
  /** the next number of the machine's counter */
  readonly nextCounter: () => number
  /** Called when something shown in a watched record expires: `expire` is to be called while nothing else changes the record. */
  readonly onDue: (id: string) => void
}

/** A record as its watches see it. */
export interface WatchedRecord {
  readonly id: string
  readonly counter: number
  readonly documents: ReadonlyMap<string, WatchedOwner>
}

interface Watched {
  readonly watch: RecordWatch
  /** when something shown expires, and what stops the timer for it */
  due: number
  cancel: (() => void) | undefined
}

/** The watched records of a machine. One that is not watched any more keeps its history until it leaves memory, for watchers that come back. */
export class Watches {
  readonly #init: WatchesInit
  readonly #records = new Map<string, Watched>()
  /** ids of records without watchers, in the order in which they lost them */
  readonly #unwatched = new Set<string>()
  #size = 0
  #closed: { readonly reason: unknown } | undefined

  constructor(init: WatchesInit) {
    this.#init = init
  }

  /** number of watches */
  get size(): number {
    return this.#size
  }

  /** Whether a record is watched now. */
  isWatched(id: string): boolean {
    return this.#records.get(id)?.watch.active === true
  }

  /** Whether the changes of a record are remembered. */
  has(id: string): boolean {
    return this.#records.has(id)
  }

  /** The history of a record; it begins now if the record has none. */
  of(record: WatchedRecord): RecordWatch {
    const { time } = this.#init
    let watched = this.#records.get(record.id)
    if (watched === undefined) {
      const watch = new RecordWatch(this.#init, record.counter, record.documents, time.read().now)
      watched = { watch, due: Infinity, cancel: undefined }
      this.#records.set(record.id, watched)
    }
    return watched.watch
  }

  /**
   * Begins a watch of a record.
   *
   * @throws VmError `VM_BUSY` when there are too many
   */
  open(
    record: WatchedRecord,
    options: WatchOptions,
    init: Pick<WatcherInit, 'updates' | 'reload'>,
    onEnd: () => void,
  ): Watcher {
    const { maxWatches } = this.#init
    if (this.#size >= maxWatches) {
      const detail = { limit: 'watches', max: maxWatches, got: this.#size + 1, retryable: true }
      throw new VmError('VM_BUSY', `there are ${this.#size} watches; the limit is ${maxWatches}`, detail)
    }
    options.signal?.throwIfAborted()
    if (this.#closed !== undefined) {
      throw this.#closed.reason
    }
    const watcher = this.of(record).open(options, init, () => {
      this.#size--
      this.#noteUnwatched(record.id)
      onEnd()
    })
    this.#size++
    this.#unwatched.delete(record.id)
    this.#arm(record.id)
    return watcher
  }

  /** Adds a change of one writer's document. */
  changed({ id, counter, documents }: WatchedRecord, writer: string, update: Uint8Array | undefined): void {
    const watched = this.#records.get(id)
    if (watched !== undefined) {
      watched.watch.changed(writer, documents.get(writer), this.#init.time.read().now, counter, update)
      this.#arm(id)
    }
  }

  /** Adds what has expired in a record. */
  expire({ id, documents }: WatchedRecord): void {
    const watched = this.#records.get(id)
    if (watched !== undefined) {
      watched.watch.expire(documents, this.#init.time.read().now, this.#init.nextCounter)
      this.#arm(id)
    }
  }

  /** Adds the differences after a record was read from the store again. */
  reloaded({ id, documents }: WatchedRecord): void {
    const watched = this.#records.get(id)
    if (watched !== undefined) {
      watched.watch.reloaded(documents, this.#init.time.read().now, this.#init.nextCounter)
      this.#arm(id)
    }
  }

  /** Looks at a record again soon, after its expiry could not be noticed. */
  retry(id: string): void {
    const watched = this.#records.get(id)
    if (watched !== undefined) {
      const { clock, onDue } = this.#init
      watched.cancel?.()
      watched.due = Infinity // no timer for what expires is set any more
      watched.cancel = clock.after(RETRY_MS, () => {
        onDue(id)
      })
    }
  }

  #noteUnwatched(id: string): void {
    if (!this.isWatched(id)) {
      this.#unwatched.add(id)
      const [oldest] = this.#unwatched
      if (this.#unwatched.size > MAX_UNWATCHED && oldest !== undefined) {
        this.forget(oldest)
      }
    }
  }

  /** Forgets the history of a record that is not watched. */
  forget(id: string): void {
    if (!this.isWatched(id)) {
      this.#unwatched.delete(id)
      this.#records.get(id)?.cancel?.()
      this.#records.delete(id)
    }
  }

  /** Ends all watches with an error. */
  close(reason: unknown): void {
    this.#closed = { reason }
    for (const { watch, cancel } of this.#records.values()) {
      cancel?.()
      watch.close(reason)
    }
    this.#records.clear()
  }

  /** Sets the timer for what expires next in a record, if it has watchers. */
  #arm(id: string): void {
    const watched = this.#records.get(id)
    if (watched === undefined) {
      return
    }
    const { clock, time, onDue } = this.#init
    const due = watched.watch.active ? watched.watch.until : Infinity
    if (due !== watched.due) {
      watched.cancel?.()
      watched.due = due
      watched.cancel = clock.after(Math.max(0, due - time.read().now), () => {
        watched.due = Infinity
        onDue(id)
      })
    }
  }
}
