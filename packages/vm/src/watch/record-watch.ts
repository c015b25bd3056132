import { createDocument, type Document, type View } from '@sr/ir'
import { yieldToEventLoop } from '@sr/runtime'
import { bytesOf, eventsBetween } from './events.ts'
import { Change } from './change.ts'
import type { WatchOptions } from './parts.ts'
import { isSameEpoch, type Revision } from './revision.ts'
import type { WatchState, WriterState } from './state.ts'
import { Watcher, type WatcherInit, type WatchStart } from './watcher.ts'

/** About how many bytes the changes that a record remembers may take on the wire. */
const MAX_BYTES = 256 * 1024

/** Watchers that are woken in one turn of the event loop: up to 3 ms where each has a path of its own. */
const WAKES_PER_TURN = 1000

/** What a watched record needs of a writer's document. */
export interface WatchedOwner {
  readonly document: Pick<Document, 'view' | 'seq'>
  readonly unsigned: number
  readonly forked: boolean
}

/** A document of which nothing shows. */
const NOTHING: WatchedOwner = { document: createDocument(), unsigned: 0, forked: false }

/**
 * The changes of one record, and its watchers. Watchers pull: each has a place among the remembered changes, so that one which
 * does not pull costs nothing but its place, or once that is forgotten, the state it knew.
 */
export class RecordWatch {
  readonly #epoch: Uint8Array
  readonly #maxChanges: number
  readonly #watchers = new Set<Watcher>()
  /** watchers that have not been woken since the latest change */
  readonly #asleep = new Set<Watcher>()
  /** the remembered changes; the first one has the number `#first` */
  #changes: Change[] = []
  #first = 0
  #bytes = 0
  /** the counter before the first remembered change, and what showed then */
  #base: { readonly counter: number; readonly state: WatchState }
  #state: WatchState
  #counter: number
  /** lowest place of a watcher, as far as it is known */
  #slowest = 0
  #now: number

  constructor(
    { epoch, maxChanges }: { readonly epoch: Uint8Array; readonly maxChanges: number },
    counter: number,
    owners: ReadonlyMap<string, WatchedOwner>,
    now: number,
  ) {
    this.#epoch = epoch
    this.#maxChanges = maxChanges
    this.#counter = counter
    this.#now = now
    this.#state = new Map(
      Array.from(owners, ([writer, owner]) => [writer, stateOf(owner, now)] as const).filter(
        ([, { view }]) => view.tree !== undefined,
      ),
    )
    this.#base = { counter, state: this.#state }
  }

  /** whether it has watchers */
  get active(): boolean {
    return this.#watchers.size > 0
  }

  /** number of watchers */
  get size(): number {
    return this.#watchers.size
  }

  get epoch(): Uint8Array {
    return this.#epoch
  }

  /** the counter of the latest change */
  get counter(): number {
    return this.#counter
  }

  get state(): WatchState {
    return this.#state
  }

  /** the number of the first remembered change, and of the next one */
  get first(): number {
    return this.#first
  }

  get end(): number {
    return this.#first + this.#changes.length
  }

  /** when something shown expires next, milliseconds since 1970; Infinity when nothing does */
  get until(): number {
    let until = Infinity
    for (const { view } of this.#state.values()) {
      until = Math.min(until, view.until ?? Infinity)
    }
    return until
  }

  change(number: number): Change {
    return this.#changes[number - this.#first] as Change
  }

  /** What a document without anything shows, at the time of the latest change. */
  get nothing(): View {
    return NOTHING.document.view(this.#now)
  }

  /** Adds the changes by expiry up to `now`; `next` returns a counter for each of them. */
  expire(owners: ReadonlyMap<string, WatchedOwner>, now: number, next: () => number): void {
    for (const [writer, { view }] of this.#state) {
      // an unconfirmed time may step back
      if (now >= (view.until ?? Infinity) || now < view.at) {
        this.changed(writer, owners.get(writer), now, next())
      }
    }
  }

  /** Adds every difference between the state and the documents, which were read from the store again. */
  reloaded(owners: ReadonlyMap<string, WatchedOwner>, now: number, next: () => number): void {
    for (const writer of new Set([...this.#state.keys(), ...owners.keys()])) {
      this.changed(writer, owners.get(writer), now, next())
    }
  }

  /** Adds a change of one writer's document; `update` is the signed update behind it, if there is one. */
  changed(writer: string, owner: WatchedOwner = NOTHING, now: number, counter: number, update?: Uint8Array): void {
    const before = this.#state.get(writer)
    const after = stateOf(owner, now)
    this.#counter = counter
    this.#now = now
    const events = eventsBetween(before?.view, after.view)
    this.#state = withState(this.#state, writer, after)
    if (events.length > 0 || update !== undefined) {
      this.#remember(new Change(counter, writer, after, events, update))
      const isWaking = this.#asleep.size > 0
      for (const watcher of this.#watchers) {
        this.#asleep.add(watcher)
      }
      if (!isWaking) {
        void this.#wakeAll()
      }
    }
  }

  /** Wakes all watchers, and again those that a change meanwhile concerns: none waits longer because changes are frequent. */
  async #wakeAll(): Promise<void> {
    const isLong = this.#asleep.size > WAKES_PER_TURN
    while (this.#asleep.size > 0) {
      if (isLong) {
        await yieldToEventLoop()
      }
      let left = WAKES_PER_TURN
      for (const watcher of this.#asleep) {
        this.#asleep.delete(watcher)
        watcher.wake()
        if (--left === 0) {
          break
        }
      }
    }
  }

  /** Begins a watch. */
  open(options: WatchOptions, init: Pick<WatcherInit, 'updates' | 'reload'>, onEnd: () => void): Watcher {
    const watcher: Watcher = new Watcher(this, options, {
      ...init,
      start: this.#start(options),
      onEnd: () => {
        this.#watchers.delete(watcher)
        this.#asleep.delete(watcher)
        onEnd()
      },
    })
    this.#watchers.add(watcher)
    this.movedTo(watcher.place)
    watcher.begin()
    return watcher
  }

  /** Notes the place of a watcher that has moved. */
  movedTo(place: number): void {
    this.#slowest = Math.min(this.#slowest, place)
  }

  /** Whether a watch from this revision begins with the stored updates rather than with remembered changes. */
  beginsAnew(options: WatchOptions): boolean {
    return this.#start(options).place === undefined
  }

  /** Ends all watches with an error. */
  close(reason: unknown): void {
    for (const watcher of this.#watchers) {
      watcher.end(reason)
    }
  }

  /** The revision of the record. */
  get revision(): Revision {
    return { epoch: this.#epoch, counter: this.#counter }
  }

  /** Where a watch begins: at a remembered change, or anew. */
  #start({ from }: WatchOptions): WatchStart {
    if (from === undefined) {
      return { place: undefined, why: undefined }
    }
    if (!isSameEpoch(from, this.revision)) {
      return { place: undefined, why: 'unknown-epoch' }
    }
    if (from.counter >= this.#counter) {
      return { place: this.end, why: undefined }
    }
    if (from.counter < this.#base.counter) {
      return { place: undefined, why: 'too-old' }
    }
    const later = this.#changes.findIndex(({ counter }) => counter > from.counter)
    return { place: later === -1 ? this.end : this.#first + later, why: undefined }
  }

  #remember(change: Change): void {
    change.bytes = bytesOf(change.events) + (change.update?.length ?? 0)
    this.#changes.push(change)
    this.#bytes += change.bytes
    let forgotten = 0
    while (
      this.#changes.length - forgotten > 1 &&
      (this.#changes.length - forgotten > this.#maxChanges || this.#bytes > MAX_BYTES)
    ) {
      this.#forget(this.#changes[forgotten] as Change, this.#first + forgotten)
      forgotten++
    }
    if (forgotten > 0) {
      this.#changes = this.#changes.slice(forgotten)
      this.#first += forgotten
    }
  }

  /** Moves the base past a change; watchers that have not sent it keep the state before it. */
  #forget({ counter, writer, after, bytes }: Change, number: number): void {
    if (this.#slowest <= number) {
      this.#slowest = Infinity
      for (const watcher of this.#watchers) {
        watcher.fallBehind(number, this.#base.state)
        this.#slowest = Math.min(this.#slowest, watcher.isBehind ? Infinity : watcher.place)
      }
    }
    this.#base = { counter, state: withState(this.#base.state, writer, after) }
    this.#bytes -= bytes
  }
}

/** A copy of a state in which one document has changed. */
function withState(state: WatchState, writer: string, after: WriterState): WatchState {
  const copy = new Map(state)
  if (after.view.tree === undefined) {
    copy.delete(writer)
  } else {
    copy.set(writer, after)
  }
  return copy
}

function stateOf({ document, unsigned, forked }: WatchedOwner, now: number): WriterState {
  return { view: document.view(now), seq: document.seq, signed: unsigned === 0, forked }
}
