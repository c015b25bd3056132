import { Dict, List, type Node } from '@sr/xr'
import { isLater, type Life } from './life.ts'
import { standing } from './release.ts'
import type { Branch, Member, Shown, Slot } from './slot.ts'

/** A container as it shows at `now`; kept until something in it changes or ends. */
export function show (branch: Branch, now: number): Shown {
  const { shown } = branch
  if (shown !== undefined && shown.since <= now && now < shown.until) {
    return shown
  }
  const fresh = standing(branch) === 'dict' ? showDict(branch, now) : showList(branch, now)
  branch.shown = fresh
  return fresh
}

function showDict (branch: Branch, now: number): Shown {
  const entries: Array<[Node, Node]> = []
  let until = Infinity
  for (const [id, kid] of branch.kids ?? NONE) {
    const { value, branch: inner } = kid
    if (value !== undefined) {
      const { expires } = kid.life as Life
      if (expires > now) {
        entries.push([branch.names?.get(id) ?? id, value])
        until = Math.min(until, expires)
      }
    } else if (inner !== undefined) {
      const below = show(inner, now)
      if (below.node !== undefined) {
        entries.push([branch.names?.get(id) ?? id, below.node])
        until = Math.min(until, below.until)
      }
    }
  }
  return entries.length > 0
    ? { node: Dict.from(entries), since: now, until }
    : empty(branch, branch.dict as Life, Dict.empty, now)
}

function showList (branch: Branch, now: number): Shown {
  const members: Member[] = []
  let until = Infinity
  let sorted = true
  for (const member of branch.members?.values() ?? []) {
    const { expires } = member.life as Life
    if (member.value !== undefined && expires > now) {
      sorted &&= members.length === 0 || inOrder(members[members.length - 1] as Member, member) < 0
      members.push(member)
      until = Math.min(until, expires)
    }
  }
  if (!sorted) {
    members.sort(inOrder)
  }
  return members.length > 0
    ? { node: List.from(members.map((member) => member.value as Node)), since: now, until }
    : empty(branch, branch.list as Life, List.of(), now)
}

/** A container with nothing in it shows while its own expiry is to come. */
function empty (branch: Branch, { expires }: Life, node: Dict | List, now: number): Shown {
  const lasts = branch.lasting && expires > now
  return { node: lasts ? node : undefined, since: now, until: lasts ? expires : Infinity }
}

/** Members stand by the update that said them last, and as they stood in it. */
function inOrder (a: Member, b: Member): number {
  const { held } = a.life as Life
  const { held: other } = b.life as Life
  return held === other ? a.position - b.position : isLater(held, other) ? 1 : -1
}

const NONE: ReadonlyMap<string, Slot> = new Map()
