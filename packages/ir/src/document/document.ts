import type { Dict } from '@sr/xr'
import type { ValidatedUpdate } from '../validate-update.ts'
import type { View } from './view.ts'

/** What applying an update did. */
export interface ApplyResult {
  /** an update of this stamp was held already; nothing was done */
  readonly duplicate: boolean
  /** the shown tree, an expiry or a retained mark is another than before */
  readonly changed: boolean
  /** another update of the same seq is still needed: proof that the writer contradicts itself */
  readonly forked: boolean
  /** hashes of updates nothing of which is needed any more, this one perhaps among them */
  readonly dropped: readonly string[]
}

/** What one writer says under one key: the join of that writer's updates. */
export interface Document {
  /** highest seq applied so far and still remembered, or 0 */
  readonly seq: number
  /** latest retain of the live updates, milliseconds, or 0 */
  readonly retain: number
  /** number of slots held: registers, assertions, members, tombstones */
  readonly slots: number
  /** number of updates that are still needed */
  readonly updates: number
  /**
   * Joins an update: whole, or not at all. The body is the document's from then on: Bytes in it are not to be written to.
   *
   * @throws IrError `IR_UNVALIDATED` for anything but a result of `validateUpdate`; nothing has changed then
   */
  apply(update: ValidatedUpdate): ApplyResult
  /**
   * The tree as it shows at `now` (milliseconds), or undefined when nothing does. Expiry is half-open: gone at t = expiry.
   * It is what the updates held say of that instant, from the last prune on, and no history. Bytes in the tree are the document's own and are not to be written to.
   */
  show(now: number): Dict | undefined
  /** What shows at `now`, to be compared with an earlier or later view by `changes`. */
  view(now: number): View
  /** Forgets what has ended at `now`; returns the hashes of updates that nothing needs any more. */
  prune(now: number): readonly string[]
  /** Hashes of the updates that are still needed, in the order of their stamps. Rebuilding from exactly these gives the same document. */
  live(): Iterable<string>
  /**
   * The next instant after `now` at which an expiry or a retain held here passes; undefined when none.
   * Until then the shown tree stays as it is and there is nothing to forget. It may lie further ahead than a timer
   * can be set: `setTimeout` takes at most 2^31 - 1 ms and fires at once for more.
   */
  next(now: number): number | undefined
}
