import { isKind, key, kindOf, type Dict, type List, type Node, type Predicate } from '@sr/xr'
import { REMOVE, SET, TTL } from '../operators.ts'
import { seqTime } from '../update.ts'
import { canonicalKey } from './canonical-key.ts'
import type { MergeState } from './merge-state.ts'
import { removeOlderChildren, removeOlderContainers, trackChildStamp, trackStamp } from './overwrite.ts'
import { activeKind, clearChildren, forgetShown, markExpired, releaseExpiry } from './release.ts'
import { addPlace, Container, containerOf, isLater, Member, Slot, valueOf, type Expiry, type Place } from './state.ts'

/**
 * Merges `node` into a path, with the stamp and expiry of `expiry`. The caller ensures that no overwrite of an
 * ancestor has a later stamp.
 */
export function mergeNode(slot: Slot, node: Node, expiry: Expiry, state: MergeState): void {
  if (typeof node !== 'object') {
    return replaceValue(slot, node, expiry, state)
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
      return replaceValue(slot, node, expiry, state)
  }
}

function applyOperator(slot: Slot, node: Predicate, expiry: Expiry, state: MergeState): void {
  switch (node.tag) {
    case SET: {
      replaceValue(slot, undefined, expiry, state)
      return mergeNode(slot, node.positional[0] as Node, expiry, state)
    }
    case REMOVE:
      return replaceValue(slot, undefined, expiry, state)
    case TTL:
      return mergeNode(slot, node.positional[0] as Node, expiryOfTtl(node, expiry, state), state)
    default:
      return replaceValue(slot, node, expiry, state)
  }
}

/** Returns the expiry that `$ttl(value, seconds)` sets. */
function expiryOfTtl(operator: Predicate, { update }: Expiry, state: MergeState): Expiry {
  const expires = seqTime(update.seq) + Number(operator.positional[1]) * 1000
  return expires === update.expires ? update : state.log.ttlExpiry(update, expires)
}

/** Sets the register of a path if the stamp is later than that of the register, and removes everything older. */
function replaceValue(slot: Slot, value: Node | undefined, expiry: Expiry, state: MergeState): void {
  const { update } = expiry
  const old = slot.expiry
  // `$set(value)` calls this twice for one update: to empty the path, then to set the value
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
  removeOlderContainers(slot, update, state)
  if (value === undefined || slot.content !== undefined) {
    return // a later container stays; the register keeps the stamp only, because the value can never show
  }
  if (slot.expiry !== expiry) {
    addPlaceBelowRoot(slot, expiry)
    slot.expiry = expiry
  }
  slot.content = value
  expiry.pending++
}

/** Merges a Dict into the Dict at the path, or replaces any other kind. */
function mergeDict(slot: Slot, node: Dict, expiry: Expiry, state: MergeState): void {
  const { update } = expiry
  if (slot.expiry !== undefined && isLater(slot.expiry.update, update)) {
    return
  }
  const container = containerAt(slot)
  if (container.large === undefined) {
    container.shown = undefined
  }
  const { dict, list } = container
  const superseded = list !== undefined && isLater(list.update, update)
  if (dict === undefined || isLater(update, dict.update)) {
    addComponent(slot, expiry, state)
    setAssertion(slot, container, 'dict', expiry, superseded, state)
  }
  if (superseded || node.size === 0) {
    return
  }
  trackStamp(container, update)
  const entries = (container.entries ??= new Map())
  for (const [id, value] of node.byKey()) {
    let entry = entries.get(id)
    container.large?.changed.add(id)
    if (entry !== undefined) {
      trackChildStamp(container, entry, update, false)
    } else {
      entry = new Slot(slot, id)
      entries.set(id, entry)
      trackChildStamp(container, entry, update, true)
      if (id.charCodeAt(0) === 0) {
        container.keyNodes ??= new Map()
        forgetShown(container)
        container.keyNodes.set(id, canonicalKey(node.keyNode(id)))
      }
    }
    mergeNode(entry, value, expiry, state)
  }
  if (container.large !== undefined && container.large.changed.size > entries.size) {
    forgetShown(container) // it is not read: a visit of all entries costs less than what has piled up
  }
}

/** Adds the members of a List to the List at the path, or replaces any other kind. */
function mergeList(slot: Slot, node: List, expiry: Expiry, state: MergeState): void {
  const { update } = expiry
  if (slot.expiry !== undefined && isLater(slot.expiry.update, update)) {
    return
  }
  const container = containerAt(slot)
  forgetShown(container)
  const { dict, list } = container
  const superseded = dict !== undefined && isLater(dict.update, update)
  if (list === undefined || isLater(update, list.update)) {
    addComponent(slot, expiry, state)
    setAssertion(slot, container, 'list', expiry, superseded, state)
  }
  if (superseded || node.size === 0) {
    return
  }
  trackStamp(container, update)
  const members = (container.members ??= new Map())
  let position = 0
  for (const [id, member] of node.byKey()) {
    if (typeof member === 'object' && isKind(member, 'predicate') && member.tag === TTL) {
      const value = member.positional[0] as Node
      mergeMember(slot, members, key(value), value, position, expiryOfTtl(member, expiry, state), state)
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
    trackChildStamp(containerOf(slot) as Container, member, expiry.update, true)
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
 * Replaces the assertion of a kind by a later one. When the assertion of the other kind is later still
 * (`superseded`), this one only removes the older children of that other container.
 */
function setAssertion(
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
  markExpired(container)
  const { dict, list } = container
  if (dict !== undefined && list !== undefined ? activeKind(container) !== kind : old === undefined) {
    clearChildren(container, state) // of the other kind, and all older
    const other = kind === 'dict' ? list : dict
    if (other !== undefined) {
      state.markEmptied(slot, other.update)
    }
  }
  container[kind] = expiry
  container.unexpired = true
  expiry.pending++
  if (old !== undefined) {
    releaseExpiry(old, false, state)
  }
}

/** Returns the containers at a path, created if needed. A value there is replaced: the caller has checked it is older. */
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

/** Counts a component of `place` that refers to this expiry. */
function addComponent(place: Place, expiry: Expiry, state: MergeState): void {
  addPlaceBelowRoot(place, expiry)
  expiry.update.refs++
  state.countAdded()
}

/** The root is in no list of places: every update states it, and every prune visits it. */
function addPlaceBelowRoot(place: Place, expiry: Expiry): void {
  if (place.parent !== undefined) {
    addPlace(expiry, place)
  }
}
