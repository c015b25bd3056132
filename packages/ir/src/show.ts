import { Dict, List, type Node } from '@sr/xr'
import { isLater, type Life } from './life.ts'
import { standing } from './release.ts'
import { Branch, type Member, type Part, type Shown, type Slot } from './slot.ts'

/**
 * A container as it shows at `now`; kept until something in it changes or ends. `whole`: with the
 * lives of what is in it, so that two states can be compared.
 */
export function show(branch: Branch, now: number, whole: boolean): Shown {
  const { shown } = branch
  if (shown !== undefined && shown.since <= now && now < shown.until && (!whole || shown.parts !== undefined)) {
    return shown
  }
  const fresh = standing(branch) === 'dict' ? showDict(branch, now, whole) : showList(branch, now, whole)
  branch.shown = fresh
  return fresh
}

function showDict(branch: Branch, now: number, whole: boolean): Shown {
  const entries: Array<[Node, Node]> = []
  const parts = whole ? new Map<string, Part>() : undefined
  let until = Infinity
  let ends = 0
  for (const [id, kid] of branch.kids ?? NONE) {
    const { content } = kid
    if (content === undefined) {
      continue
    }
    if (!(content instanceof Branch)) {
      const life = kid.life as Life
      const { expires } = life
      if (expires > now) {
        entries.push([branch.names?.get(id) ?? id, content])
        parts?.set(id, life)
        until = Math.min(until, expires)
        ends = Math.max(ends, expires)
      }
    } else {
      const below = show(content, now, whole)
      if (below.node !== undefined) {
        entries.push([branch.names?.get(id) ?? id, below.node])
        parts?.set(id, below)
        until = Math.min(until, below.until)
        ends = Math.max(ends, below.ends)
      }
    }
  }
  const node = entries.length > 0 ? Dict.from(entries) : undefined
  return close(branch, branch.dict as Life, node, Dict.empty, { now, until, ends, parts })
}

function showList(branch: Branch, now: number, whole: boolean): Shown {
  const members: Member[] = []
  let until = Infinity
  let ends = 0
  let sorted = true
  for (const member of branch.members?.values() ?? []) {
    const { expires } = member.life as Life
    if (member.content !== undefined && expires > now) {
      sorted &&= members.length === 0 || inOrder(members[members.length - 1] as Member, member) < 0
      members.push(member)
      until = Math.min(until, expires)
      ends = Math.max(ends, expires)
    }
  }
  if (!sorted) {
    members.sort(inOrder)
  }
  const node = members.length > 0 ? List.from(members.map((member) => member.content as Node)) : undefined
  const parts = whole ? new Map<string, Part>(members.map((member) => [member.key, member.life as Life])) : undefined
  return close(branch, branch.list as Life, node, List.of(), { now, until, ends, parts })
}

/** A container shows while something in it does; with nothing in it, while its own expiry is to come. */
function close(
  branch: Branch,
  own: Life,
  node: Dict | List | undefined,
  empty: Dict | List,
  inside: { now: number; until: number; ends: number; parts: Map<string, Part> | undefined },
): Shown {
  const { now, parts } = inside
  const lasts = branch.lasting && own.expires > now
  const ends = lasts ? Math.max(inside.ends, own.expires) : inside.ends
  if (node === undefined) {
    return { node: lasts ? empty : undefined, since: now, until: lasts ? own.expires : Infinity, ends, parts, own }
  }
  return { node, since: now, until: inside.until, ends, parts, own }
}

/** Members stand by the update that said them last, and as they stood in it. */
function inOrder(a: Member, b: Member): number {
  const { held } = a.life as Life
  const { held: other } = b.life as Life
  return held === other ? a.position - b.position : isLater(held, other) ? 1 : -1
}

const NONE: ReadonlyMap<string, Slot> = new Map()
