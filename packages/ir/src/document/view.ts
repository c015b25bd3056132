import type { Dict, Path } from '@sr/xr'
import type { Shown } from './state.ts'
import { ViewPart } from './view-part.ts'

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

  /**
   * What stands at a path of Dict keys, with its expiry; undefined when nothing shows there.
   *
   * @example
   * ```ts
   * import { createDocument, validateUpdate } from '@sr/ir'
   * import { from } from '@sr/xr'
   *
   * const document = createDocument()
   * document.apply(validateUpdate({ seq: 1000, hash: '01'.repeat(32), expires: 9000, retain: 9000, body: from({ nick: { en: 'bob' } }) }))
   * const part = document.view(0).part(['nick', 'en'])
   * console.log(part?.node, part?.ends) // bob 9000
   * ```
   */
  part(path: Path = []): ViewPart | undefined {
    let part = this.tree === undefined ? undefined : new ViewPart(this.tree, undefined, false, this.#shown as Shown)
    for (const key of path) {
      part = part?.child(key)
    }
    return part
  }
}
