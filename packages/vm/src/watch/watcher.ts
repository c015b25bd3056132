import type { View } from '@sr/ir'
import { PullIterator } from '../pull-iterator.ts'
import { type Change, changesOf, changesPart, type Filter, filterOf } from './change.ts'
import { bytesOf, eventsAt, eventsBetween } from './events.ts'
import type { DocumentChanges, ResetPart, WatchedDocument, WatchOptions, WatchPart } from './parts.ts'
import type { Revision } from './revision.ts'
import { documentOf, type WatchState } from './state.ts'

/** Largest merged difference, about bytes on the wire: above it the watcher receives a snapshot instead. */
const MAX_DIFFERENCE_BYTES = 512 * 1024

/** The changes of a record, as a watcher reads them. */
export interface Changes {
  readonly epoch: Uint8Array
  readonly counter: number
  readonly revision: Revision
  /** what shows now */
  readonly state: WatchState
  /** what a document without anything shows */
  readonly nothing: View
  /** the number of the next change */
  readonly end: number
  change(number: number): Change
  /** Notes the place of a watcher that has moved. */
  movedTo(place: number): void
}

/** Where a watch begins. */
export interface WatchStart {
  /** the number of the first change to send; undefined to begin with a snapshot */
  readonly place: number | undefined
  /** why what the watcher knows is void */
  readonly why: ResetPart['why'] | undefined
}

/** What a watcher is made of. */
export interface WatcherInit {
  readonly start: WatchStart
  /** the stored updates that a watch of updates begins with */
  readonly updates: readonly Uint8Array[]
  /** Reads them again, for a watch of updates that has fallen behind; it must call `restart` while nothing else changes the record. */
  readonly reload: (restart: (updates: readonly Uint8Array[]) => void) => Promise<void>
  readonly onEnd: () => void
}

/** One watch. It keeps its place among the changes that its record remembers, or the state it sent last once they are forgotten. */
export class Watcher extends PullIterator<WatchPart> {
  readonly #record: Changes
  readonly #filter: Filter
  readonly #readAgain: WatcherInit['reload']
  /** parts to send before anything else */
  readonly #queue: WatchPart[] = []
  #place: number
  /** the state sent last, once the changes after it are forgotten */
  #known: WatchState | undefined
  /** whether a marker is to be sent after the last change */
  #wantsMarker = true
  /** whether the stored updates are being read again */
  #reloading = false

  constructor(record: Changes, options: WatchOptions, { start: { place, why }, updates, reload, onEnd }: WatcherInit) {
    super(options.signal, onEnd)
    this.#record = record
    this.#filter = filterOf(options)
    this.#readAgain = reload
    this.#place = place ?? record.end
    if (why !== undefined) {
      this.#queue.push({ kind: 'reset', epoch: record.epoch, why })
    }
    if (place === undefined) {
      this.#queue.push(...this.#beginning(updates))
    }
  }

  /** the number of the next change to send */
  get place(): number {
    return this.#place
  }

  /** whether changes were forgotten that it has not sent */
  get isBehind(): boolean {
    return this.#known !== undefined
  }

  /** Asks for a marker after the changes so far. */
  mark(): void {
    this.#wantsMarker = true
    this.wake()
  }

  override end(reason: unknown): void {
    this.#queue.length = 0
    this.#known = undefined
    super.end(reason)
  }

  /** Keeps the state before a change that is being forgotten, if it has not sent that change. */
  fallBehind(number: number, before: WatchState): void {
    if (this.#known === undefined && this.#place <= number) {
      this.#known = before
    }
  }

  protected override take(): WatchPart | undefined {
    const queued = this.#queue.shift()
    if (queued !== undefined) {
      return queued
    }
    if (this.#reloading) {
      return undefined
    }
    if (this.#known !== undefined) {
      this.#catchUp(this.#known)
      return this.take()
    }
    while (this.#place < this.#record.end) {
      const part = this.#record.change(this.#place++).part(this.#filter)
      if (part !== undefined) {
        return part
      }
    }
    if (this.#wantsMarker) {
      this.#wantsMarker = false
      return { kind: 'marker', revision: this.#record.revision }
    }
    return undefined
  }

  /** Queues one merged step from the state sent last to the present. */
  #catchUp(known: WatchState): void {
    const record = this.#record
    this.#known = undefined
    this.#place = record.end
    this.#wantsMarker = true
    record.movedTo(this.#place)
    if (this.#filter.as === 'updates') {
      this.#queue.push({ kind: 'reset', epoch: record.epoch, why: 'too-old' })
      this.#reload()
      return
    }
    const steps = this.#difference(known)
    if (steps === undefined) {
      this.#queue.push({ kind: 'reset', epoch: record.epoch, why: 'too-large' }, ...this.#beginning([]))
    } else {
      // also when what was left out has cancelled itself
      const step = steps.length === 0 ? [] : [changesPart(record.counter, steps)]
      this.#queue.push({ kind: 'gap', counter: record.counter }, ...step)
    }
  }

  #reload(): void {
    this.#reloading = true
    const restart = (updates: readonly Uint8Array[]): void => {
      this.#reloading = false
      this.#known = undefined
      this.#place = this.#record.end
      this.#record.movedTo(this.#place)
      this.#queue.push(...this.#beginning(updates))
      this.wake()
    }
    this.#readAgain(restart).catch((reason: unknown) => {
      this.end(reason)
    })
  }

  /** The changes that lead from a state to the present; undefined when they are too large. */
  #difference(known: WatchState): DocumentChanges[] | undefined {
    const { state } = this.#record
    const { writers, at } = this.#filter
    const steps: DocumentChanges[] = []
    let bytes = 0
    for (const writer of new Set([...known.keys(), ...state.keys()])) {
      const before = known.get(writer)
      const after = state.get(writer) ?? { view: this.#record.nothing, seq: 0, signed: true, forked: false }
      if (before === after || writers?.has(writer) === false) {
        continue
      }
      const events = eventsAt(eventsBetween(before?.view, after.view), at)
      const part = changesOf(writer, after, events, this.#filter)
      bytes += part === undefined ? 0 : bytesOf(part.events)
      if (bytes > MAX_DIFFERENCE_BYTES) {
        return undefined
      }
      if (part !== undefined) {
        steps.push(part)
      }
    }
    return steps
  }

  /** What a watch begins with. */
  #beginning(updates: readonly Uint8Array[]): WatchPart[] {
    const { state, counter } = this.#record
    const { writers, at, as } = this.#filter
    if (as === 'updates') {
      return updates.length === 0 ? [] : [{ kind: 'updates', counter, updates }]
    }
    const documents: WatchedDocument[] = []
    for (const [writer, one] of state) {
      const document = writers?.has(writer) === false ? undefined : documentOf(writer, one, at)
      if (document !== undefined) {
        documents.push(document)
      }
    }
    return [{ kind: 'snapshot', documents }]
  }
}
