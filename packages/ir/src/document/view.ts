import type { Dict } from '@sr/xr'
import type { Shown } from './state.ts'

/** The state that a view was taken of; for what compares two. */
export let insideOf: (view: View) => Shown | undefined

/** What a document shows at one instant; it stays as it is, whatever becomes of the document. */
export class View {
  /** the instant, milliseconds */
  readonly at: number
  readonly tree: Dict | undefined
  /** when the tree changes next if nothing is said; undefined when it never does */
  readonly until: number | undefined
  readonly #inside: Shown | undefined

  static {
    insideOf = (view) => view.#inside
  }

  constructor(at: number, inside: Shown | undefined) {
    this.at = at
    this.#inside = inside?.node === undefined ? undefined : inside
    this.tree = this.#inside?.node as Dict | undefined
    this.until = this.#inside === undefined ? undefined : this.#inside.until
  }
}
