import { equal, isKind, type Dict, type List, type Node, type Path } from '@sr/xr'
import { insideOf, type View } from './view.ts'
import { isExpiry, type Part, type Shown } from './state.ts'

/** One path, or one member of a List, that shows otherwise than before. */
export interface Change {
  /**
   * `set`: new, or another value; `renewed`: the same value, said again. What is gone has `expired` when, by what the earlier
   * view knew, its time was over at the later one, and was `removed` otherwise. Compare views of one instant, before and after
   * an update, and nothing expires between them; compare at `until` of the earlier one, and nothing is removed.
   */
  readonly kind: 'set' | 'removed' | 'expired' | 'renewed'
  /** Dict keys down from the root; of a member, the way to its List */
  readonly path: Path
  /** the List member this is about; undefined when it is about what stands at the path */
  readonly member: Node | undefined
  /** what stands there now; undefined when nothing does */
  readonly value: Node | undefined
  /** when the last of it ends if nothing more is said, milliseconds; for what is gone, when it was to end */
  readonly expires: number
}

/**
 * What changed between two views of one document: the shortest list that makes one tree of the
 * other, as `equal` means it: members that only change places are no change. What goes stands before what comes. A container that comes or goes is one change.
 * Branches that nothing touched are not looked into.
 *
 * @example
 * ```ts
 * import { changes, createDocument, validateUpdate } from '@sr/ir'
 * import { from } from '@sr/xr'
 *
 * const document = createDocument()
 * document.apply(validateUpdate({ seq: 1000, hash: '01'.repeat(32), expires: 9000, retain: 9000, body: from({ nick: 'bob', at: 'home' }) }))
 * const before = document.view(0)
 * document.apply(validateUpdate({ seq: 2000, hash: '02'.repeat(32), expires: 5000, retain: 9000, body: from({ at: 'sea' }) }))
 * console.log(changes(before, document.view(1)).map(({ kind, path, value }) => [kind, path, value])) // [ [ 'set', [ 'at' ], 'sea' ] ]
 * console.log(changes(document.view(1), document.view(5000)).map(({ kind, path }) => [kind, path])) // [ [ 'expired', [ 'at' ] ] ]
 * ```
 */
export function changes(before: View | undefined, after: View): Change[] {
  const found: Change[] = []
  const was = before === undefined ? undefined : insideOf(before)
  compare(was, was?.node, insideOf(after), after.tree, { path: [], now: after.at, found })
  return found
}

interface Comparison {
  readonly path: Node[]
  readonly now: number
  readonly found: Change[]
}

function compare(
  was: Part | undefined,
  old: Node | undefined,
  is: Part | undefined,
  value: Node | undefined,
  here: Comparison,
): void {
  if (was === is) {
    return
  }
  if (is === undefined || value === undefined) {
    note(gone(was as Part, here), undefined, undefined, was as Part, here)
  } else if (was === undefined || old === undefined) {
    note('set', undefined, value, is, here)
  } else if (isExpiry(was) || isExpiry(is)) {
    note(isExpiry(was) && isExpiry(is) && equal(old, value) ? 'renewed' : 'set', undefined, value, is, here)
  } else if (isKind(old, 'dict') && isKind(value, 'dict')) {
    compareDicts(was, old, is, value, here)
  } else if (isKind(old, 'list') && isKind(value, 'list')) {
    compareLists(was, old, is, value, here)
  } else {
    note('set', undefined, value, is, here)
  }
}

function compareDicts(was: Shown, old: Dict, is: Shown, dict: Dict, here: Comparison): void {
  const before = partsOf(was)
  const after = partsOf(is)
  renewedEmpty(was, is, dict, here)
  for (const [id, part] of before) {
    if (!after.has(id)) {
      here.path.push(old.keyNode(id))
      note(gone(part, here), undefined, undefined, part, here)
      here.path.pop()
    }
  }
  for (const [id, part] of after) {
    here.path.push(dict.keyNode(id))
    compare(before.get(id), old.byKey().get(id), part, dict.byKey().get(id), here)
    here.path.pop()
  }
}

function compareLists(was: Shown, old: List, is: Shown, list: List, here: Comparison): void {
  const before = partsOf(was)
  const after = partsOf(is)
  renewedEmpty(was, is, list, here)
  for (const [id, part] of before) {
    if (!after.has(id)) {
      note(gone(part, here), old.byKey().get(id), undefined, part, here)
    }
  }
  for (const [id, part] of after) {
    if (before.get(id) !== part) {
      const member = list.byKey().get(id)
      note(before.has(id) ? 'renewed' : 'set', member, member, part, here)
    }
  }
}

/** An empty container has nothing but its own life; others are renewed by what is in them. */
function renewedEmpty(was: Shown, is: Shown, node: Dict | List, here: Comparison): void {
  if (node.size === 0 && was.own !== is.own && partsOf(was).size === 0) {
    note('renewed', undefined, node, is, here)
  }
}

function gone(part: Part, { now }: Comparison): 'removed' | 'expired' {
  return endOf(part) <= now ? 'expired' : 'removed'
}

function note(
  kind: Change['kind'],
  member: Node | undefined,
  value: Node | undefined,
  part: Part,
  { path, found }: Comparison,
): void {
  found.push({ kind, path: [...path], member, value, expires: endOf(part) })
}

function endOf(part: Part): number {
  return isExpiry(part) ? part.expires : part.ends
}

function partsOf(shown: Shown): ReadonlyMap<string, Part> {
  return shown.parts ?? new Map<string, Part>()
}
