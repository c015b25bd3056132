import { equal, isKind, type Dict, type List, type Node, type Path } from '@sr/xr'
import { type EntryTree, NO_ENTRIES } from './entry-tree.ts'
import { isExpiry, type Part, type Shown } from './state.ts'
import { shownOf, type View } from './view.ts'

/** A difference at one path or in one List member. */
export interface Change {
  /**
   * `set`: new, or a different value; `renewed`: the same value, stated again; `expired`: absent, and its expiry known to
   * the earlier view is not after the instant of the later view; `removed`: absent before its expiry. Two views of one
   * instant, before and after an update, differ by no expiry; a view at `until` of the earlier one differs by no removal.
   */
  readonly kind: 'set' | 'removed' | 'expired' | 'renewed'
  /** Dict keys from the root; for a member, the path of its List */
  readonly path: Path
  /** the List member; undefined when the change concerns the path itself */
  readonly member: Node | undefined
  /** the new value; undefined for `removed` and `expired` */
  readonly value: Node | undefined
  /** latest expiry of the new value if no further update arrives, milliseconds; for `removed` and `expired`, that of the old value */
  readonly expires: number
}

/**
 * Lists the changes between two views of one document: the shortest list that turns one tree into the other, compared
 * by `equal`; the order of List members does not count. All removals and expiries come before all additions. A container that appears or
 * disappears is one change. Subtrees that no update or expiry affected are not visited.
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
  const comparison: Comparison = { path: [], now: after.at, gone: [], found: [] }
  const was = before === undefined ? undefined : shownOf(before)
  compare(was, was?.node, shownOf(after), after.tree, comparison)
  return [...comparison.gone, ...comparison.found]
}

interface Comparison {
  readonly path: Node[]
  readonly now: number
  /** changes without a value: `removed` and `expired` */
  readonly gone: Change[]
  /** changes with a value: `set` and `renewed` */
  readonly found: Change[]
}

function compare(
  was: Part | undefined,
  old: Node | undefined,
  is: Part | undefined,
  value: Node | undefined,
  comparison: Comparison,
): void {
  if (was === is) {
    return
  }
  if (is === undefined || value === undefined) {
    note(gone(was as Part, comparison), undefined, undefined, was as Part, comparison)
  } else if (was === undefined || old === undefined) {
    note('set', undefined, value, is, comparison)
  } else if (isExpiry(was) || isExpiry(is)) {
    note(isExpiry(was) && isExpiry(is) && equal(old, value) ? 'renewed' : 'set', undefined, value, is, comparison)
  } else if (isKind(old, 'dict') && isKind(value, 'dict')) {
    compareDicts(was, old, is, value, comparison)
  } else if (isKind(old, 'list') && isKind(value, 'list')) {
    compareLists(was, old, is, value, comparison)
  } else {
    note('set', undefined, value, is, comparison)
  }
}

function compareDicts(was: Shown, old: Dict, is: Shown, dict: Dict, comparison: Comparison): void {
  if (was.large !== undefined && was.large === is.large) {
    return compareTrees(was, is, dict, comparison)
  }
  const before = partsOf(was)
  const after = partsOf(is)
  renewedEmpty(was, is, dict, comparison)
  for (const [id, part] of before) {
    if (!after.has(id)) {
      comparison.path.push(old.keyNode(id))
      note(gone(part, comparison), undefined, undefined, part, comparison)
      comparison.path.pop()
    }
  }
  for (const [id, part] of after) {
    comparison.path.push(dict.keyNode(id))
    compare(before.get(id), old.byKey().get(id), part, dict.byKey().get(id), comparison)
    comparison.path.pop()
  }
}

/** Compares two states of one large Dict: visits what differs. */
function compareTrees(was: Shown, is: Shown, dict: Dict, comparison: Comparison): void {
  renewedEmpty(was, is, dict, comparison)
  const none: EntryTree<Part> = NO_ENTRIES
  for (const [before, after] of (was.tree ?? none).difference(is.tree ?? none)) {
    // a position always has the same key
    comparison.path.push((before ?? after)?.id as string)
    compare(before?.part, before?.node, after?.part, after?.node, comparison)
    comparison.path.pop()
  }
}

function compareLists(was: Shown, old: List, is: Shown, list: List, comparison: Comparison): void {
  const before = partsOf(was)
  const after = partsOf(is)
  renewedEmpty(was, is, list, comparison)
  for (const [id, part] of before) {
    if (!after.has(id)) {
      note(gone(part, comparison), old.byKey().get(id), undefined, part, comparison)
    }
  }
  for (const [id, part] of after) {
    if (before.get(id) !== part) {
      const member = list.byKey().get(id)
      note(before.has(id) ? 'renewed' : 'set', member, member, part, comparison)
    }
  }
}

/** Only an empty container is reported as renewed itself; others are renewed by their children. */
function renewedEmpty(was: Shown, is: Shown, node: Dict | List, comparison: Comparison): void {
  if (node.size === 0 && was.own !== is.own && partsOf(was).size === 0) {
    note('renewed', undefined, node, is, comparison)
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
  { path, gone, found }: Comparison,
): void {
  const list = value === undefined ? gone : found
  list.push({ kind, path: [...path], member, value, expires: endOf(part) })
}

function endOf(part: Part): number {
  return isExpiry(part) ? part.expires : part.ends
}

function partsOf({ parts, tree }: Shown): ReadonlyMap<string, Part> {
  return parts ?? new Map<string, Part>(Array.from(tree ?? [], ({ id, part }) => [id, part]))
}
