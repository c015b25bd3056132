import type { MergeState } from './merge-state.ts'
import { dropIfEmpty } from './overwrite.ts'
import { activeKind, clearRegister, dropAssertion, isEmpty, markExpired } from './release.ts'
import { Container, containerOf, Slot, type Expiry, type Place } from './state.ts'

/** Drops everything that has expired at `now`, and every tombstone whose retain has passed. */
export function prune(state: MergeState, now: number): void {
  const { log } = state
  const ended = log.ended(now)
  for (const update of ended) {
    for (const expiry of log.endedTtlExpiriesOf(update, now)) {
      expire(expiry)
    }
    if (update.expires <= now) {
      expire(update)
    }
  }
  for (const update of ended) {
    // an earlier iteration may have released the last reference to this update
    if (update.retain <= now && update.refs > 0) {
      log.markPastRetain(update)
      for (const expiry of log.ttlExpiriesOf(update)) {
        dropPastRetain(expiry, now, state)
      }
      dropPastRetain(update, now, state)
    }
  }
  pruneEmptied(state, now)
  if (ended.length > 0) {
    pruneRoot(state, now)
  }
}

/** Removes the values and ends the assertions that have this expiry. */
function expire(expiry: Expiry): void {
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

function expireAt(place: Place, expiry: Expiry): void {
  const { content } = place
  if (content instanceof Container) {
    if (content.unexpired && content[activeKind(content)] === expiry) {
      markExpired(content)
    }
  } else if (content !== undefined && place.expiry === expiry) {
    place.content = undefined
    expiry.pending--
  }
}

/** Drops the tombstones and container assertions of an expiry whose update is past its retain. */
function dropPastRetain({ places }: Expiry, now: number, state: MergeState): void {
  if (Array.isArray(places)) {
    // children come after their parent in the list and must be dropped first
    for (let i = places.length - 1; i >= 0; i--) {
      dropPastRetainAt(places[i] as Place, now, state)
    }
  } else if (places !== undefined) {
    dropPastRetainAt(places, now, state)
  }
}

function pruneEmptied(state: MergeState, now: number): void {
  const { emptied } = state
  // dropping a place may leave its parent without children
  while (state.emptiedDue <= now) {
    const due = [...emptied]
    emptied.clear()
    state.emptiedDue = Infinity
    for (const [place, retain] of due) {
      dropPastRetainAt(place, now, state)
      if (retain > now) {
        // the clock was set back: some assertions here are still within their retain
        emptied.set(place, retain)
        state.emptiedDue = Math.min(state.emptiedDue, retain)
      }
    }
  }
}

/** The root is in no list of places, because every update states it. */
function pruneRoot(state: MergeState, now: number): void {
  const { root } = state
  const container = containerOf(root)
  if (container?.unexpired === true && (container[activeKind(container)] as Expiry).expires <= now) {
    markExpired(container)
  }
  dropPastRetainAt(root, now, state)
}

/** Drops what a path no longer needs, then the ancestors that were kept only for it. */
function dropPastRetainAt(place: Place, now: number, state: MergeState): void {
  let here = place
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
      dropAssertions(here, content, now, state)
    }
    const { parent }: Place = here
    if (parent === undefined || !isEmpty(here) || !detach(here, parent, state)) {
      return
    }
    here = parent
  }
}

function dropAssertions(place: Place, container: Container, now: number, state: MergeState): void {
  const pending = container.unexpired ? activeKind(container) : undefined
  for (const kind of ['dict', 'list'] as const) {
    const assertion = container[kind]
    const children = kind === 'dict' ? container.entries : container.members
    if (assertion !== undefined && children === undefined && pending !== kind && assertion.update.retain <= now) {
      dropAssertion(container, kind, state)
    }
  }
  if (container.dict === undefined && container.list === undefined) {
    place.content = undefined
  }
}

/** Removes an empty path from its parent. Returns false when the parent no longer contains it. */
function detach(place: Place, parent: Slot, state: MergeState): boolean {
  const container = containerOf(parent)
  const children: Map<string, Place> | undefined = place instanceof Slot ? container?.entries : container?.members
  if (container === undefined || children?.get(place.key) !== place) {
    return false
  }
  children.delete(place.key)
  container.keyNodes?.delete(place.key)
  if (children.size === 0) {
    dropIfEmpty(parent, container, state)
  } else if (container.heap?.isStale(children.size) === true) {
    container.heap = undefined // rebuilt on next use; keeping it would retain references to removed children
  }
  return true
}
