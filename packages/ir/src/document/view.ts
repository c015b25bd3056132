import type { Dict } from '@sr/xr'
import type { Shown } from './state.ts'

/** Returns the container a view shows, with its parts; for `changes`. */
export let shownOf: (view: View) => Shown | undefined

/** The tree of a document at one instant. Later changes of the document do not affect it. */
export class View {
  /** the instant, milliseconds */
  readonly at: number
  readonly tree: Dict | undefined
  /** the next instant at which the tree changes without an update; undefined if it never does */
  readonly until: number | undefined
  readonly #shown: Shown | undefined

  static {
    shownOf = (view) => view.#shown
  }

  constructor(at: number, shown: Shown | undefined) {
    this.at = at
    this.#shown = shown?.node === undefined ? undefined : shown
    this.tree = this.#shown?.node as Dict | undefined
    this.until = this.#shown === undefined ? undefined : this.#shown.until
  }
}
