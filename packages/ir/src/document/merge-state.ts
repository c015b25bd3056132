import { Slot, type LiveUpdate, type Place } from './state.ts'
import { UpdateLog } from './update-log.ts'

const NONE: readonly string[] = Object.freeze([])

/** The mutable state of one document, private to it. Merge and prune change the tree and report every change here. */
export class MergeState {
  readonly root: Slot = new Slot(undefined, '')
  readonly log: UpdateLog = new UpdateLog()
  /** number of components: registers, container assertions, members, tombstones */
  slots: number = 0
  /** places with an assertion past its retain that lost its children → latest retain of the updates concerned */
  readonly emptied: Map<Place, number> = new Map()
  /** lower bound of the retains in `emptied`, ms */
  emptiedDue: number = Infinity
  #dropped: string[] | undefined

  countAdded(): void {
    this.slots++
  }

  countRemoved(): void {
    this.slots--
  }

  /** Removes an update that no component refers to. */
  dropUpdate(update: LiveUpdate): void {
    this.log.remove(update)
    this.#dropped ??= []
    this.#dropped.push(update.hash)
  }

  /** Queues a container that lost its children for the next prune: the assertion may have been kept for them alone. */
  markEmptied(place: Place, update: LiveUpdate): void {
    if (this.log.isPastRetain(update)) {
      this.emptied.set(place, Math.max(update.retain, this.emptied.get(place) ?? 0))
      this.emptiedDue = Math.min(this.emptiedDue, update.retain)
    }
  }

  /** Returns the hashes of the updates dropped since the last call. */
  takeDropped(): readonly string[] {
    const dropped = this.#dropped ?? NONE
    this.#dropped = undefined
    return dropped
  }
}
