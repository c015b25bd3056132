import { isKind, key, kindOf, type Dict, type List, type Node, type Predicate } from '@sr/xr'
import { removeOlderContents, trackStamp, trackOldest, removeOlderChildren } from './overwrite.ts'
import { keyForm } from './key-form.ts'
import { REMOVE, SET, TTL } from '../operators.ts'
import { clearChildren, endLasting, releaseExpiry, activeKind } from './release.ts'
import type { MergeState } from './merge-state.ts'
import { seqTime } from '../update.ts'
import { addPlace, Container, containerOf, type Expiry, isLater, Member, type Place, Slot, valueOf } from './state.ts'

/**
 * Says `node` at a path with the stamp of `life`: the join of a document with what an update says.
 * Whoever calls has seen to it that the stamp is not below the floor of the path.
 */
export function mergeNode(slot: Slot, node: Node, expiry: Expiry, state: MergeState): void {
  if (typeof node !== 'object') {
    return replaceRegister(slot, node, expiry, state)
  }
  const kind = kindOf(node)
  switch (kind) {
    case 'dict':
      return mergeDict(slot, node as Dict, expiry, state)
    case 'list':
      return mergeList(slot, node as List, expiry, state)
    case 'predicate':
      return applyOperator(slot, node as Predicate, expiry, state)
    default:
      return replaceRegister(slot, node, expiry, state)
  }
}

function applyOperator(slot: Slot, node: Predicate, expiry: Expiry, state: MergeState): void {
  switch (node.tag) {
    case SET: {
      replaceRegister(slot, undefined, expiry, state)
      return mergeNode(slot, node.positional[0] as Node, expiry, state)
    }
    case REMOVE:
      return replaceRegister(slot, undefined, expiry, state)
    case TTL:
      return mergeNode(slot, node.positional[0] as Node, ttlExpiry(node, expiry, state), state)
    default:
      return replaceRegister(slot, node, expiry, state)
  }
}

/** The life that `$ttl(value, seconds)` gives. */
function ttlExpiry(operator: Predicate, { update }: Expiry, state: MergeState): Expiry {
  const expires = seqTime(update.seq) + Number(operator.positional[1]) * 1000
  return expires === update.expires ? update : state.expiryOfTtl(update, expires)
}

/** The register of a path: the later stamp takes it, and what is older than the stamp goes. */
function replaceRegister(slot: Slot, value: Node | undefined, expiry: Expiry, state: MergeState): void {
  const { update } = expiry
  const old = slot.expiry
  // the same update comes here twice with `$set(value)`: it empties the path, then says the value
  if (old?.update !== update) {
    if (old !== undefined && isLater(old.update, update)) {
      return
    }
    addComponent(slot, expiry, state)
    slot.expiry = expiry
    if (old !== undefined) {
      const valued = valueOf(slot) !== undefined
      if (valued) {
        slot.content = undefined
      }
      releaseExpiry(old, valued, state)
    }
  }
  removeOlderContents(slot, update, state)
  if (value === undefined || slot.content !== undefined) {
    return // with a container that was said since, the stamp counts and the value is dead
  }
  if (slot.expiry !== expiry) {
    addPlaceBelowRoot(slot, expiry)
    slot.expiry = expiry
  }
  slot.content = value
  expiry.pending++
}

/** A Dict goes into the Dict that is there, or replaces what is none. */
function mergeDict(slot: Slot, node: Dict, expiry: Expiry, state: MergeState): void {
  const { update } = expiry
  if (slot.expiry !== undefined && isLater(slot.expiry.update, update)) {
    return
  }
  const container = containerAt(slot)
  container.shown = undefined
  const { dict, list } = container
  const superseded = list !== undefined && isLater(list.update, update)
  if (dict === undefined || isLater(update, dict.update)) {
    addComponent(slot, expiry, state)
    assertContainer(slot, container, 'dict', expiry, superseded, state)
  }
  if (superseded || node.size === 0) {
    return
  }
  trackOldest(container, update)
  const entries = (container.entries ??= new Map())
  for (const [id, value] of node.byKey()) {
    let entry = entries.get(id)
    if (entry !== undefined) {
      trackStamp(container, entry, update, false)
    } else {
      entry = new Slot(slot, id)
      entries.set(id, entry)
      trackStamp(container, entry, update, true)
      if (id.charCodeAt(0) === 0) {
        container.names ??= new Map()
        container.names.set(id, keyForm(node.keyNode(id)))
      }
    }
    mergeNode(entry, value, expiry, state)
  }
}

/** A List adds its members to the List that is there, or replaces what is none. */
function mergeList(slot: Slot, node: List, expiry: Expiry, state: MergeState): void {
  const { update } = expiry
  if (slot.expiry !== undefined && isLater(slot.expiry.update, update)) {
    return
  }
  const container = containerAt(slot)
  container.shown = undefined
  const { dict, list } = container
  const superseded = dict !== undefined && isLater(dict.update, update)
  if (list === undefined || isLater(update, list.update)) {
    addComponent(slot, expiry, state)
    assertContainer(slot, container, 'list', expiry, superseded, state)
  }
  if (superseded || node.size === 0) {
    return
  }
  trackOldest(container, update)
  const members = (container.members ??= new Map())
  let position = 0
  for (const [id, member] of node.byKey()) {
    if (typeof member === 'object' && isKind(member, 'predicate') && member.tag === TTL) {
      const value = member.positional[0] as Node
      mergeMember(slot, members, key(value), value, position, ttlExpiry(member, expiry, state), state)
    } else if (typeof member === 'object' && isKind(member, 'predicate') && member.tag === REMOVE) {
      mergeMember(slot, members, key(member.positional[0] as Node), undefined, position, expiry, state)
    } else {
      mergeMember(slot, members, id, member, position, expiry, state)
    }
    position++
  }
}

function mergeMember(
  slot: Slot,
  members: Map<string, Member>,
  id: string,
  value: Node | undefined,
  position: number,
  expiry: Expiry,
  state: MergeState,
): void {
  let member = members.get(id)
  if (member === undefined) {
    member = new Member(slot, id, expiry, value, position)
    members.set(id, member)
    trackStamp(containerOf(slot) as Container, member, expiry.update, true)
    addComponent(member, expiry, state)
  } else {
    const old = member.expiry as Expiry
    if (!isLater(expiry.update, old.update)) {
      return
    }
    addComponent(member, expiry, state)
    releaseExpiry(old, member.content !== undefined, state)
    member.expiry = expiry
    member.content = value
    member.position = position
  }
  if (value !== undefined) {
    expiry.pending++
  }
}

/**
 * Puts a newer assertion of a kind in the place of the older one. When the other kind's is newer
 * still (`superseded`), this one is a floor for what that holds, and no more.
 */
function assertContainer(
  slot: Slot,
  container: Container,
  kind: 'dict' | 'list',
  expiry: Expiry,
  superseded: boolean,
  state: MergeState,
): void {
  const old = container[kind]
  if (superseded) {
    container[kind] = expiry
    if (old !== undefined) {
      releaseExpiry(old, false, state)
    }
    removeOlderChildren(slot, container, expiry.update, state)
    return
  }
  endLasting(container)
  const { dict, list } = container
  if (dict !== undefined && list !== undefined ? activeKind(container) !== kind : old === undefined) {
    clearChildren(container, state) // of the other kind, and older
    const other = kind === 'dict' ? list : dict
    if (other !== undefined) {
      state.emptied(slot, other.update)
    }
  }
  container[kind] = expiry
  container.lasting = true
  expiry.pending++
  if (old !== undefined) {
    releaseExpiry(old, false, state)
  }
}

/** The containers at a path. A value that stood there is dead: who asks has seen that it is older. */
function containerAt(slot: Slot): Container {
  const { content, expiry } = slot
  if (content instanceof Container) {
    return content
  }
  if (content !== undefined) {
    ;(expiry as Expiry).pending--
  }
  return (slot.content = new Container())
}

/** A component of `place` is from now on of this life. */
function addComponent(place: Place, expiry: Expiry, state: MergeState): void {
  addPlaceBelowRoot(place, expiry)
  expiry.update.refs++
  state.gained()
}

/** The root is looked at whenever anything ends; every update speaks of it. */
function addPlaceBelowRoot(place: Place, expiry: Expiry): void {
  if (place.parent !== undefined) {
    addPlace(expiry, place)
  }
}
