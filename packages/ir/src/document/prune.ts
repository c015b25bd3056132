import { dropIfEmpty } from './overwrite.ts'
import { clearRegister, endLasting, dropAssertion, isVacant, activeKind } from './release.ts'
import type { MergeState } from './merge-state.ts'
import { Container, containerOf, type Expiry, type Place, Slot } from './state.ts'

/** Values and expiries of a life that has ended go. */
export function expire(expiry: Expiry): void {
  const { places } = expiry
  if (expiry.pending === 0) {
    return
  }
  if (Array.isArray(places)) {
    for (const place of places) {
      expireAt(place, expiry)
    }
  } else if (places !== undefined) {
    expireAt(places, expiry)
  }
}

/** What is left of a life whose update's retain has passed goes: stamps of what was replaced, and containers. */
export function forget({ places }: Expiry, now: number, state: MergeState): void {
  if (Array.isArray(places)) {
    // a child stands behind its parent, and goes first
    for (let i = places.length - 1; i >= 0; i--) {
      forgetAt(places[i] as Place, now, state)
    }
  } else if (places !== undefined) {
    forgetAt(places, now, state)
  }
}

/** The root is in no update's list, since every update speaks of it. */
export function endRoot(root: Slot, now: number, state: MergeState): void {
  const container = containerOf(root)
  if (container?.lasting === true && (container[activeKind(container)] as Expiry).expires <= now) {
    endLasting(container)
  }
  forgetAt(root, now, state)
}

function expireAt(place: Place, expiry: Expiry): void {
  const { content } = place
  if (content instanceof Container) {
    if (content.lasting && content[activeKind(content)] === expiry) {
      endLasting(content)
    }
  } else if (content !== undefined && place.expiry === expiry) {
    place.content = undefined
    expiry.pending--
  }
}

/** Forgets what a path no longer needs, and the containers above that were kept by it alone. */
export function forgetAt(place: Place, now: number, state: MergeState): void {
  let here: Place = place
  for (;;) {
    const { content } = here
    if (
      here.expiry !== undefined &&
      (content === undefined || content instanceof Container) &&
      here.expiry.update.retain <= now
    ) {
      clearRegister(here, state)
    }
    if (content instanceof Container) {
      forgetAssertions(here, content, now, state)
    }
    const { parent }: Place = here
    if (parent === undefined || !isVacant(here) || !detach(here, parent, state)) {
      return
    }
    here = parent
  }
}

function forgetAssertions(slot: Place, container: Container, now: number, state: MergeState): void {
  const waiting = container.lasting ? activeKind(container) : undefined
  if (
    container.dict !== undefined &&
    container.entries === undefined &&
    waiting !== 'dict' &&
    container.dict.update.retain <= now
  ) {
    dropAssertion(container, 'dict', state)
  }
  if (
    container.list !== undefined &&
    container.members === undefined &&
    waiting !== 'list' &&
    container.list.update.retain <= now
  ) {
    dropAssertion(container, 'list', state)
  }
  if (container.dict === undefined && container.list === undefined) {
    slot.content = undefined
  }
}

/** Takes an empty path out of its parent. False when it is not there any more. */
function detach(place: Place, parent: Slot, state: MergeState): boolean {
  const container = containerOf(parent)
  const children: Map<string, Place> | undefined = place instanceof Slot ? container?.entries : container?.members
  if (container === undefined || children?.get(place.key) !== place) {
    return false
  }
  children.delete(place.key)
  container.names?.delete(place.key)
  if (children.size === 0) {
    dropIfEmpty(parent, container, state)
  } else if (container.heap?.isStale(children.size) === true) {
    container.heap = undefined // to be made anew when it is needed: it would hold on to what has gone
  }
  return true
}
