import { Dict, List, type Node } from '@sr/xr'
import { dictOf } from '@sr/xr/codec-kit'
import { depthOf, EntryMap, EntryTree, type Entry, type EntryChange } from './entry-tree.ts'
import { activeKind } from './release.ts'
import {
  Container,
  isLater,
  type Expiry,
  type LargeDict,
  type Member,
  type Part,
  type Shown,
  type Slot,
} from './state.ts'

/** Entries from which on a Dict is kept in a tree: below, a visit of all of them takes less than 20 µs. */
const LARGE = 256

/** Positions per shown entry from which on a large Dict is built anew: those of entries that are gone are not used again. */
const MAX_UNUSED = 4

/**
 * Returns a container as it shows at `now`; cached until something in it changes or ends. `withParts` includes the
 * expiries of its children, so that `changes` can compare two states.
 */
export function show(container: Container, now: number, withParts: boolean): Shown {
  const { shown, large } = container
  if (shown !== undefined && isCurrent(container, now, withParts)) {
    return shown
  }
  if (shown?.tree !== undefined && large !== undefined && canShowAgain(shown, large, now)) {
    return (container.shown = showAgain(container, shown.tree, large, now))
  }
  const fresh =
    activeKind(container) === 'list'
      ? showList(container, now, withParts)
      : (container.entries?.size ?? 0) > LARGE && container.keyNodes === undefined
        ? showLarge(container, now)
        : showDict(container, now, withParts)
  container.shown = fresh
  return fresh
}

/** About how many entries `show` with parts visits: 0 when what it returns is cached, Infinity when it is unknown, all of them at most. */
export function entriesToShow(container: Container, now: number): number {
  const { shown, large } = container
  if (isCurrent(container, now, true)) {
    return 0
  }
  // how many have ended is not known
  return large !== undefined && shown !== undefined && now < shown.until && canShowAgain(shown, large, now)
    ? large.changed.size
    : Infinity
}

function isCurrent({ shown, large, dict }: Container, now: number, withParts: boolean): boolean {
  return (
    shown !== undefined &&
    shown.since <= now &&
    now < shown.until &&
    (!withParts || shown.parts !== undefined || shown.tree !== undefined) &&
    (large === undefined || (large.changed.size === 0 && shown.own === dict))
  )
}

function canShowAgain({ since, tree }: Shown, { positions }: LargeDict, now: number): boolean {
  return since <= now && positions.size <= MAX_UNUSED * (tree?.size ?? 0) + LARGE
}

/** Shows a large Dict: visits all entries, and prepares for `showAgain`. */
function showLarge(container: Container, now: number): Shown {
  const positions = new Map<string, number>()
  const entries: Array<Entry<Part>> = []
  for (const id of container.entries?.keys() ?? []) {
    const entry = entryAt(container, id, now)
    if (entry !== undefined) {
      positions.set(id, entries.length)
      entries.push(entry)
    }
  }
  container.large = { positions, changed: new Set() }
  return finishTree(container, EntryTree.from(entries), container.large, now)
}

/** Shows a large Dict after updates or expiries: visits the entries that they changed. */
function showAgain(container: Container, tree: EntryTree<Part>, large: LargeDict, now: number): Shown {
  const { positions, changed } = large
  for (const { id } of tree.ended(now)) {
    changed.add(id)
  }
  const changes: Array<EntryChange<Part>> = []
  for (const id of changed) {
    const entry = entryAt(container, id, now)
    const position = positions.get(id) ?? positions.size
    if (entry !== undefined) {
      positions.set(id, position)
    } else if (position === positions.size) {
      continue // never shown
    }
    changes.push({ position, entry })
  }
  changed.clear()
  return finishTree(container, tree.with(changes), large, now)
}

/** An entry as it shows, or undefined. */
function entryAt(container: Container, id: string, now: number): Entry<Part> | undefined {
  const slot = container.entries?.get(id)
  if (slot?.content instanceof Container) {
    const below = show(slot.content, now, true)
    return below.node === undefined ? undefined : { id, node: below.node, part: below }
  }
  const expiry = slot?.expiry
  return slot?.content === undefined || expiry === undefined || expiry.expires <= now
    ? undefined
    : { id, node: slot.content, part: expiry }
}

function finishTree(container: Container, tree: EntryTree<Part>, large: LargeDict, now: number): Shown {
  const { positions } = large
  const { until, ends, depth } = tree
  const node = tree.size > 0 ? dictOf(new EntryMap(tree, positions), undefined, depth + 1, false) : undefined
  const inside = { now, until, ends, parts: undefined, tree, large }
  return finishContainer(container, container.dict as Expiry, node, Dict.empty, inside)
}

function showDict(container: Container, now: number, withParts: boolean): Shown {
  container.large = undefined
  const values = new Map<string, Node>()
  const names = container.keyNodes === undefined ? undefined : new Map<string, Node>()
  const parts = withParts ? new Map<string, Part>() : undefined
  let [until, ends, depth] = [Infinity, 0, 0]
  for (const [id, { content, expiry }] of container.entries ?? NONE) {
    if (content === undefined) {
      continue
    }
    if (!(content instanceof Container)) {
      const { expires } = expiry as Expiry
      if (expires <= now) {
        continue
      }
      values.set(id, content)
      parts?.set(id, expiry as Expiry)
      until = Math.min(until, expires)
      ends = Math.max(ends, expires)
    } else {
      const below = show(content, now, withParts)
      if (below.node === undefined) {
        continue
      }
      values.set(id, below.node)
      parts?.set(id, below)
      until = Math.min(until, below.until)
      ends = Math.max(ends, below.ends)
    }
    depth = Math.max(depth, depthOf(values.get(id) as Node))
    const name = container.keyNodes?.get(id)
    if (names !== undefined && name !== undefined) {
      names.set(id, name)
      depth = Math.max(depth, depthOf(name))
    }
  }
  // the entries were checked when their update was validated
  const node = values.size === 0 ? undefined : dictOf(values, names?.size === 0 ? undefined : names, depth + 1, false)
  return finishContainer(container, container.dict as Expiry, node, Dict.empty, { now, until, ends, parts, ...NO_TREE })
}

function showList(container: Container, now: number, withParts: boolean): Shown {
  const members: Member[] = []
  let until = Infinity
  let ends = 0
  let sorted = true
  for (const member of container.members?.values() ?? []) {
    const { expires } = member.expiry as Expiry
    if (member.content !== undefined && expires > now) {
      sorted &&= members.length === 0 || compareMembers(members[members.length - 1] as Member, member) < 0
      members.push(member)
      until = Math.min(until, expires)
      ends = Math.max(ends, expires)
    }
  }
  if (!sorted) {
    members.sort(compareMembers)
  }
  const node = members.length > 0 ? List.from(members.map((member) => member.content as Node)) : undefined
  const parts = withParts
    ? new Map<string, Part>(members.map((member) => [member.key, member.expiry as Expiry]))
    : undefined
  return finishContainer(container, container.list as Expiry, node, List.of(), { now, until, ends, parts, ...NO_TREE })
}

/** A container shows while a child shows; without a shown child, until its own expiry. */
function finishContainer(
  container: Container,
  own: Expiry,
  node: Dict | List | undefined,
  empty: Dict | List,
  inside: Pick<Shown, 'until' | 'ends' | 'parts' | 'tree' | 'large'> & { readonly now: number },
): Shown {
  const { now, parts, tree, large } = inside
  const lasts = container.unexpired && own.expires > now
  const ends = lasts ? Math.max(inside.ends, own.expires) : inside.ends
  const shared = { since: now, ends, parts, tree, large, own }
  return node === undefined
    ? { ...shared, node: lasts ? empty : undefined, until: lasts ? own.expires : Infinity }
    : { ...shared, node, until: inside.until }
}

const NO_TREE = { tree: undefined, large: undefined }

/** Orders members by the latest update that stated them, then by their index in its List. */
function compareMembers(a: Member, b: Member): number {
  const { update } = a.expiry as Expiry
  const { update: other } = b.expiry as Expiry
  return update === other ? a.position - b.position : isLater(update, other) ? 1 : -1
}

const NONE: ReadonlyMap<string, Slot> = new Map()
