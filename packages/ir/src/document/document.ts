import type { Dict } from '@sr/xr'
import type { ValidatedUpdate } from '../validate-update.ts'
import type { View } from './view.ts'

/** The outcome of applying an update. */
export interface ApplyResult {
  /** the document already contains an update with this stamp; nothing changed */
  readonly duplicate: boolean
  /** the update is needed: it changed the shown tree, an expiry or a tombstone */
  readonly changed: boolean
  /**
   * another update with the same seq was live when this one was applied, needed afterwards or not: proof that the writer
   * contradicts itself. False for an equal seq whose update is not live any more.
   */
  readonly forked: boolean
  /** hashes of the updates that are no longer needed; may include this update */
  readonly dropped: readonly string[]
}

/** The merge of all updates of one writer under one key. */
export interface Document {
  /** highest seq of the live updates, or 0 */
  readonly seq: number
  /** latest retain of the live updates, milliseconds, or 0 */
  readonly retain: number
  /** number of components: registers, container assertions, members, tombstones */
  readonly slots: number
  /** number of live updates: those that are still needed */
  readonly updates: number
  /**
   * Merges an update completely, or throws and changes nothing. The document keeps references into the body of the validated
   * update, which is a copy.
   *
   * @throws IrError `IR_UNVALIDATED` for anything that `validateUpdate` did not return
   */
  apply(update: ValidatedUpdate): ApplyResult
  /**
   * Returns the tree at `now` (milliseconds), or undefined when nothing shows. Expiry is half-open: absent at t = expiry.
   * The result is defined by the live updates for instants from the last prune on; the document keeps no history. The
   * tree shares Bytes with the document: do not write to them.
   */
  show(now: number): Dict | undefined
  /** Returns a view at `now`, for comparison with another view by `changes`. */
  view(now: number): View
  /** About how many slots `view` visits at `now`: 0 when what it shows is cached. A caller may then do other work before it. */
  toShow(now: number): number
  /** Drops everything that has ended at `now`; returns the hashes of the updates that are no longer needed. */
  prune(now: number): readonly string[]
  /** Hashes of the live updates, in stamp order. A document rebuilt from exactly these is the same document. */
  live(): Iterable<string>
  /**
   * Returns the next instant after `now` at which an expiry or a retain passes; undefined without such an instant. Until then
   * the shown tree does not change and prune has nothing to drop. The instant may lie beyond the range of a timer:
   * `setTimeout` takes at most 2^31 - 1 ms and fires at once for more.
   */
  next(now: number): number | undefined
  /**
   * Returns the next instant after `now` at which the shown tree changes by expiry; undefined without such an instant. The end
   * of a tombstone, which `next` includes, is not one.
   */
  nextChange(now: number): number | undefined
}
