import { Dict, List, type Node } from '@sr/xr'
import { activeKind } from './release.ts'
import { Container, isLater, type Expiry, type Member, type Part, type Shown, type Slot } from './state.ts'

/**
 * Returns a container as it shows at `now`; cached until something in it changes or ends. `withParts` includes the
 * expiries of its children, so that `changes` can compare two states.
 */
export function show(container: Container, now: number, withParts: boolean): Shown {
  const { shown } = container
  if (shown !== undefined && shown.since <= now && now < shown.until && (!withParts || shown.parts !== undefined)) {
    return shown
  }
  const fresh =
    activeKind(container) === 'dict' ? showDict(container, now, withParts) : showList(container, now, withParts)
  container.shown = fresh
  return fresh
}

function showDict(container: Container, now: number, withParts: boolean): Shown {
  const visible: Array<[Node, Node]> = []
  const parts = withParts ? new Map<string, Part>() : undefined
  let until = Infinity
  let ends = 0
  for (const [id, entry] of container.entries ?? NONE) {
    const { content } = entry
    if (content === undefined) {
      continue
    }
    if (!(content instanceof Container)) {
      const expiry = entry.expiry as Expiry
      const { expires } = expiry
      if (expires > now) {
        visible.push([container.keyNodes?.get(id) ?? id, content])
        parts?.set(id, expiry)
        until = Math.min(until, expires)
        ends = Math.max(ends, expires)
      }
    } else {
      const below = show(content, now, withParts)
      if (below.node !== undefined) {
        visible.push([container.keyNodes?.get(id) ?? id, below.node])
        parts?.set(id, below)
        until = Math.min(until, below.until)
        ends = Math.max(ends, below.ends)
      }
    }
  }
  const node = visible.length > 0 ? Dict.from(visible) : undefined
  return finishContainer(container, container.dict as Expiry, node, Dict.empty, { now, until, ends, parts })
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
  return finishContainer(container, container.list as Expiry, node, List.of(), { now, until, ends, parts })
}

/** A container shows while a child shows; without a shown child, until its own expiry. */
function finishContainer(
  container: Container,
  own: Expiry,
  node: Dict | List | undefined,
  empty: Dict | List,
  inside: { now: number; until: number; ends: number; parts: Map<string, Part> | undefined },
): Shown {
  const { now, parts } = inside
  const lasts = container.unexpired && own.expires > now
  const ends = lasts ? Math.max(inside.ends, own.expires) : inside.ends
  if (node === undefined) {
    return { node: lasts ? empty : undefined, since: now, until: lasts ? own.expires : Infinity, ends, parts, own }
  }
  return { node, since: now, until: inside.until, ends, parts, own }
}

/** Orders members by the latest update that stated them, then by their index in its List. */
function compareMembers(a: Member, b: Member): number {
  const { update } = a.expiry as Expiry
  const { update: other } = b.expiry as Expiry
  return update === other ? a.position - b.position : isLater(update, other) ? 1 : -1
}

const NONE: ReadonlyMap<string, Slot> = new Map()
