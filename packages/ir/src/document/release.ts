import type { MergeState } from './merge-state.ts'
import { Container, containerOf, type Expiry, isLater, type Place, type Slot } from './state.ts'

/** A component lets go of its life. `waiting`: its expiry was still to come. */
export function releaseExpiry(expiry: Expiry, waiting: boolean, state: MergeState): void {
  if (waiting) {
    expiry.pending--
  }
  state.lost()
  const { update } = expiry
  if (--update.refs === 0) {
    state.unneeded(update)
  }
}

/** Whether nothing is known of a path any more. */
export function isVacant(place: Place): boolean {
  return place.expiry === undefined && place.content === undefined
}

/** The later of a path's two container assertions, as a kind. */
export function activeKind(container: Container): 'dict' | 'list' {
  const { dict, list } = container
  return list === undefined || (dict !== undefined && isLater(dict.update, list.update)) ? 'dict' : 'list'
}

/** The later container assertion no longer waits for its expiry. */
export function endLasting(container: Container): void {
  if (container.lasting) {
    container.lasting = false
    ;(container[activeKind(container)] as Expiry).pending--
  }
}

/** A member goes, or the register of a path. What still knows the place finds nothing there. */
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

/** All of a path goes. */
export function clearSlot(slot: Slot, state: MergeState): void {
  clearRegister(slot, state)
  clearContainer(slot, state)
}

/** The containers at a path go. */
export function clearContainer(slot: Place, state: MergeState): void {
  const container = containerOf(slot)
  if (container === undefined) {
    return
  }
  slot.content = undefined
  clearChildren(container, state)
  endLasting(container)
  dropAssertion(container, 'dict', state)
  dropAssertion(container, 'list', state)
}

/** An assertion that waits for nothing goes. */
export function dropAssertion(container: Container, kind: 'dict' | 'list', state: MergeState): void {
  const expiry = container[kind]
  if (expiry !== undefined) {
    container[kind] = undefined
    releaseExpiry(expiry, false, state)
  }
}

/** A container without children, as it was when it was new. */
export function resetChildren(container: Container): void {
  container.entries = undefined
  container.names = undefined
  container.members = undefined
  container.heap = undefined
  container.low = undefined
}

/** Everything in a container goes. */
export function clearChildren(container: Container, state: MergeState): void {
  const { entries, members } = container
  resetChildren(container)
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
