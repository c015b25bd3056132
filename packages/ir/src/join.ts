import { isKind, key, kindOf, type Dict, type List, type Node, type Predicate } from '@sr/xr'
import { cutBranch, lower, lowerBranch, sweep } from './floor.ts'
import { keyForm } from './key-form.ts'
import { isLater, note, type Held, type Life } from './life.ts'
import { REMOVE, SET, TTL } from './operators.ts'
import { clearChildren, dropLasting, release, standing, type Losses } from './release.ts'
import { Branch, branchOf, Member, Slot, valueOf } from './slot.ts'
import { seqTime } from './update.ts'

/** What a join tells the document besides what is lost. */
export interface Gains extends Losses {
  /** one component more */
  gained: () => void
  /** the life that an update gives by a `$ttl` */
  otherLife: (held: Held, expires: number) => Life
}

/**
 * Says `node` at a path with the stamp of `life`: the join of a document with what an update says.
 * Whoever calls has seen to it that the stamp is not below the floor of the path.
 */
export function say(slot: Slot, node: Node, life: Life, tally: Gains): void {
  if (typeof node !== 'object') {
    return replace(slot, node, life, tally)
  }
  const kind = kindOf(node)
  switch (kind) {
    case 'dict':
      return sayDict(slot, node as Dict, life, tally)
    case 'list':
      return sayList(slot, node as List, life, tally)
    case 'predicate':
      return sayPredicate(slot, node as Predicate, life, tally)
    default:
      return replace(slot, node, life, tally)
  }
}

function sayPredicate(slot: Slot, node: Predicate, life: Life, tally: Gains): void {
  switch (node.tag) {
    case SET: {
      replace(slot, undefined, life, tally)
      return say(slot, node.positional[0] as Node, life, tally)
    }
    case REMOVE:
      return replace(slot, undefined, life, tally)
    case TTL:
      return say(slot, node.positional[0] as Node, ttlLife(node, life, tally), tally)
    default:
      return replace(slot, node, life, tally)
  }
}

/** The life that `$ttl(value, seconds)` gives. */
function ttlLife(operator: Predicate, { held }: Life, tally: Gains): Life {
  const expires = seqTime(held.seq) + Number(operator.positional[1]) * 1000
  return expires === held.expires ? held : tally.otherLife(held, expires)
}

/** The register of a path: the later stamp takes it, and what is older than the stamp goes. */
function replace(slot: Slot, value: Node | undefined, life: Life, tally: Gains): void {
  const { held } = life
  const old = slot.life
  // the same update comes here twice with `$set(value)`: it empties the path, then says the value
  if (old?.held !== held) {
    if (old !== undefined && isLater(old.held, held)) {
      return
    }
    take(slot, life, tally)
    slot.life = life
    if (old !== undefined) {
      const valued = valueOf(slot) !== undefined
      if (valued) {
        slot.content = undefined
      }
      release(old, valued, tally)
    }
  }
  cutBranch(slot, held, tally)
  if (value === undefined || slot.content !== undefined) {
    return // with a container that was said since, the stamp counts and the value is dead
  }
  if (slot.life !== life) {
    noteBelowRoot(slot, life)
    slot.life = life
  }
  slot.content = value
  life.uses++
}

/** A Dict goes into the Dict that is there, or replaces what is none. */
function sayDict(slot: Slot, node: Dict, life: Life, tally: Gains): void {
  const { held } = life
  if (slot.life !== undefined && isLater(slot.life.held, held)) {
    return
  }
  const branch = branchAt(slot)
  branch.shown = undefined
  const { dict, list } = branch
  const beaten = list !== undefined && isLater(list.held, held)
  if (dict === undefined || isLater(held, dict.held)) {
    take(slot, life, tally)
    assert(slot, branch, 'dict', life, beaten, tally)
  }
  if (beaten || node.size === 0) {
    return
  }
  lowerBranch(branch, held)
  const kids = (branch.kids ??= new Map())
  for (const [id, value] of node.byKey()) {
    let kid = kids.get(id)
    if (kid !== undefined) {
      lower(branch, kid, held, false)
    } else {
      kid = new Slot(slot, id)
      kids.set(id, kid)
      lower(branch, kid, held, true)
      if (id.charCodeAt(0) === 0) {
        branch.names ??= new Map()
        branch.names.set(id, keyForm(node.keyNode(id)))
      }
    }
    say(kid, value, life, tally)
  }
}

/** A List adds its members to the List that is there, or replaces what is none. */
function sayList(slot: Slot, node: List, life: Life, tally: Gains): void {
  const { held } = life
  if (slot.life !== undefined && isLater(slot.life.held, held)) {
    return
  }
  const branch = branchAt(slot)
  branch.shown = undefined
  const { dict, list } = branch
  const beaten = dict !== undefined && isLater(dict.held, held)
  if (list === undefined || isLater(held, list.held)) {
    take(slot, life, tally)
    assert(slot, branch, 'list', life, beaten, tally)
  }
  if (beaten || node.size === 0) {
    return
  }
  lowerBranch(branch, held)
  const members = (branch.members ??= new Map())
  let position = 0
  for (const [id, member] of node.byKey()) {
    if (typeof member === 'object' && isKind(member, 'predicate') && member.tag === TTL) {
      const value = member.positional[0] as Node
      sayMember(slot, members, key(value), value, position, ttlLife(member, life, tally), tally)
    } else if (typeof member === 'object' && isKind(member, 'predicate') && member.tag === REMOVE) {
      sayMember(slot, members, key(member.positional[0] as Node), undefined, position, life, tally)
    } else {
      sayMember(slot, members, id, member, position, life, tally)
    }
    position++
  }
}

function sayMember(
  slot: Slot,
  members: Map<string, Member>,
  id: string,
  value: Node | undefined,
  position: number,
  life: Life,
  tally: Gains,
): void {
  let member = members.get(id)
  if (member === undefined) {
    member = new Member(slot, id, life, value, position)
    members.set(id, member)
    lower(branchOf(slot) as Branch, member, life.held, true)
    take(member, life, tally)
  } else {
    const old = member.life as Life
    if (!isLater(life.held, old.held)) {
      return
    }
    take(member, life, tally)
    release(old, member.content !== undefined, tally)
    member.life = life
    member.content = value
    member.position = position
  }
  if (value !== undefined) {
    life.uses++
  }
}

/**
 * Puts a newer assertion of a kind in the place of the older one. When the other kind's is newer
 * still (`beaten`), this one is a floor for what that holds, and no more.
 */
function assert(slot: Slot, branch: Branch, kind: 'dict' | 'list', life: Life, beaten: boolean, tally: Gains): void {
  const old = branch[kind]
  if (beaten) {
    branch[kind] = life
    if (old !== undefined) {
      release(old, false, tally)
    }
    sweep(slot, branch, life.held, tally)
    return
  }
  dropLasting(branch)
  const { dict, list } = branch
  if (dict !== undefined && list !== undefined ? standing(branch) !== kind : old === undefined) {
    clearChildren(branch, tally) // of the other kind, and older
    const other = kind === 'dict' ? list : dict
    if (other !== undefined) {
      tally.bereft(slot, other.held)
    }
  }
  branch[kind] = life
  branch.lasting = true
  life.uses++
  if (old !== undefined) {
    release(old, false, tally)
  }
}

/** The containers at a path. A value that stood there is dead: who asks has seen that it is older. */
function branchAt(slot: Slot): Branch {
  const { content, life } = slot
  if (content instanceof Branch) {
    return content
  }
  if (content !== undefined) {
    ;(life as Life).uses--
  }
  return (slot.content = new Branch())
}

/** A component of `place` is from now on of this life. */
function take(place: Slot | Member, life: Life, tally: Gains): void {
  noteBelowRoot(place, life)
  life.held.refs++
  tally.gained()
}

/** The root is looked at whenever anything ends; every update speaks of it. */
function noteBelowRoot(place: Slot | Member, life: Life): void {
  if (place.parent !== undefined) {
    note(life, place)
  }
}
