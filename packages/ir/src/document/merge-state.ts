import type { Expiry, LiveUpdate, Place } from './state.ts'
import { UpdateLog } from './update-log.ts'

const NOTHING: readonly string[] = Object.freeze([])

/** What a document knows besides its slots: counts, the updates still needed, and containers to check again. */
export class MergeState {
  readonly log: UpdateLog = new UpdateLog()
  /** components held: registers, assertions, members, tombstones */
  slots: number = 0
  /** containers to check again, asserted by updates past their retain, with the latest retain of those */
  readonly #emptied = new Map<Place, number>()
  #emptiedDue = Infinity
  #dropped: string[] | undefined

  /** the first retain among the updates of the containers to check again, or Infinity */
  get emptiedDue(): number {
    return this.#emptiedDue
  }

  /** One component more. */
  gained(): void {
    this.slots++
  }

  /** One component less. */
  lost(): void {
    this.slots--
  }

  /** No component is of this update any more. */
  unneeded(update: LiveUpdate): void {
    this.log.remove(update)
    this.#dropped ??= []
    this.#dropped.push(update.hash)
  }

  /** A container asserted by this update has lost its children, which may have been the only reason to keep the assertion. */
  emptied(place: Place, update: LiveUpdate): void {
    if (this.log.isPastRetain(update)) {
      this.#addEmptied(place, update.retain)
    }
  }

  /** The expiry that a `$ttl` of an update gives. */
  expiryOfTtl(update: LiveUpdate, expires: number): Expiry {
    return this.log.expiryOfTtl(update, expires)
  }

  /** Calls `forget` for every container to check again at `now`; it may add others. */
  forgetEmptied(now: number, forget: (place: Place) => void): void {
    // what is forgotten may leave the container above without children
    while (this.#emptiedDue <= now) {
      const emptied = [...this.#emptied]
      this.#emptied.clear()
      this.#emptiedDue = Infinity
      for (const [place, retain] of emptied) {
        forget(place)
        if (retain > now) {
          // a clock has gone back: not everything can be forgotten yet
          this.#addEmptied(place, retain)
        }
      }
    }
  }

  /** Hashes of the updates that became unneeded since the last call. */
  takeDropped(): readonly string[] {
    const dropped = this.#dropped ?? NOTHING
    this.#dropped = undefined
    return dropped
  }

  #addEmptied(place: Place, retain: number): void {
    this.#emptied.set(place, Math.max(retain, this.#emptied.get(place) ?? 0))
    this.#emptiedDue = Math.min(this.#emptiedDue, retain)
  }
}
