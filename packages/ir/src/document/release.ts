import type { MergeState } from './merge-state.ts'
import { Container, containerOf, isLater, type Expiry, type Place, type Slot } from './state.ts'

/** Ends the reference of a component to its expiry. `pending`: the component still counts as pending there. */
export function releaseExpiry(expiry: Expiry, pending: boolean, state: MergeState): void {
  if (pending) {
    expiry.pending--
  }
  state.countRemoved()
  const { update } = expiry
  if (--update.refs === 0) {
    state.dropUpdate(update)
  }
}

/** Whether a path has neither a value, nor containers, nor a tombstone. */
export function isEmpty(place: Place): boolean {
  return place.expiry === undefined && place.content === undefined
}

/** Returns the kind of the later of the two container assertions. */
export function activeKind(container: Container): 'dict' | 'list' {
  const { dict, list } = container
  return list === undefined || (dict !== undefined && isLater(dict.update, list.update)) ? 'dict' : 'list'
}

/** Marks the later container assertion as expired. */
export function markExpired(container: Container): void {
  if (container.unexpired) {
    container.unexpired = false
    ;(container[activeKind(container)] as Expiry).pending--
  }
}

/** Removes a member, or the register of a path. Lists of places may still refer to it; they find it empty. */
export function clearRegister(place: Place, state: MergeState): void {
  const { expiry, content } = place
  const valued = content !== undefined && !(content instanceof Container)
  place.expiry = undefined
  if (valued) {
    place.content = undefined
  }
  if (expiry !== undefined) {
    releaseExpiry(expiry, valued, state)
  }
}

/** Removes the register and the containers of a path. */
export function clearSlot(slot: Slot, state: MergeState): void {
  clearRegister(slot, state)
  clearContainer(slot, state)
}

/** Removes the containers at a path. */
export function clearContainer(slot: Place, state: MergeState): void {
  const container = containerOf(slot)
  if (container === undefined) {
    return
  }
  slot.content = undefined
  clearChildren(container, state)
  markExpired(container)
  dropAssertion(container, 'dict', state)
  dropAssertion(container, 'list', state)
}

/** Removes an assertion that is not pending. */
export function dropAssertion(container: Container, kind: 'dict' | 'list', state: MergeState): void {
  const expiry = container[kind]
  if (expiry !== undefined) {
    container[kind] = undefined
    releaseExpiry(expiry, false, state)
  }
}

/** Frees the maps of the children. */
export function dropChildren(container: Container): void {
  container.entries = undefined
  container.keyNodes = undefined
  container.members = undefined
  container.heap = undefined
  container.oldest = undefined
  forgetShown(container)
}

/** Has the container shown anew, with a visit of all children. */
export function forgetShown(container: Container): void {
  container.shown = undefined
  container.large = undefined
}

/** Removes all children of a container. */
export function clearChildren(container: Container, state: MergeState): void {
  const { entries, members } = container
  dropChildren(container)
  if (entries !== undefined) {
    for (const entry of entries.values()) {
      clearSlot(entry, state)
    }
  }
  if (members !== undefined) {
    for (const member of members.values()) {
      clearRegister(member, state)
    }
  }
}
