import { compareStamps, type Stamp } from '../update.ts'
import type { MergeState } from './merge-state.ts'
import { clearContainer, clearRegister, dropAssertion, dropChildren, forgetShown, isEmpty } from './release.ts'
import { copyStamp, StampHeap } from './stamp-heap.ts'
import { containerOf, isLater, type Container, type LiveUpdate, type Place } from './state.ts'

/**
 * Removes everything in `container` that is older than `stamp`, recursively. The children are in a heap by oldest
 * stamp, so only affected children are visited. The heap is built on first use, in O(n).
 */
export function removeOlderChildren(slot: Place, container: Container, stamp: LiveUpdate, state: MergeState): void {
  const children = container.entries ?? container.members
  if (children === undefined || container.oldest === undefined || !isBefore(container.oldest, stamp)) {
    return
  }
  const heap = (container.heap ??= heapOf(children))
  const kept = new Set<Place>()
  while (heap.oldest !== undefined && isBefore(heap.oldest, stamp)) {
    const place = heap.pop() as Place
    if (children.get(place.key) !== place) {
      continue // removed earlier
    }
    removeOlderAt(place, stamp, state)
    if (isEmpty(place)) {
      children.delete(place.key)
      container.keyNodes?.delete(place.key)
    } else {
      kept.add(place)
    }
  }
  kept.forEach((place) => {
    pushOldest(heap, place)
  })
  container.oldest = heap.oldest
  dropIfEmpty(slot, container, state)
}

function heapOf(children: ReadonlyMap<string, Place>): StampHeap<Place> {
  const heap = new StampHeap<Place>()
  for (const place of children.values()) {
    pushOldest(heap, place)
  }
  return heap
}

function pushOldest(heap: StampHeap<Place>, place: Place): void {
  const oldest = oldestIn(place)
  if (oldest !== undefined) {
    heap.push(oldest, place)
  }
}

/** Lowers the bound `oldest` of a container before a child with this stamp is merged. */
export function trackStamp(container: Container, stamp: Stamp): void {
  if (container.oldest === undefined || isBefore(stamp, container.oldest)) {
    container.oldest = copyStamp(stamp)
  }
}

/** Adds a heap entry for a child when its oldest stamp falls to `stamp`, or when the child is new. */
export function trackChildStamp(container: Container, place: Place, stamp: Stamp, isNew: boolean): void {
  const { heap } = container
  if (heap === undefined) {
    return
  }
  const oldest = isNew ? undefined : oldestIn(place)
  if (oldest !== undefined && !isBefore(stamp, oldest)) {
    return
  }
  heap.push(stamp, place)
  if (heap.isStale((container.entries ?? container.members)?.size ?? 0)) {
    container.heap = undefined // rebuilt on next use
  }
}

/** If no children are left, frees the child maps and marks the assertion as removable. */
export function dropIfEmpty(slot: Place, container: Container, state: MergeState): void {
  const children = container.entries ?? container.members
  if (children === undefined || children.size > 0) {
    return
  }
  const assertion = container.entries === undefined ? container.list : container.dict
  dropChildren(container)
  if (assertion !== undefined) {
    state.markEmptied(slot, assertion.update)
  }
}

/** Removes the register and the containers of a path that are older than `stamp`. */
function removeOlderAt(place: Place, stamp: LiveUpdate, state: MergeState): void {
  if (place.expiry !== undefined && isLater(stamp, place.expiry.update)) {
    clearRegister(place, state)
  }
  removeOlderContainers(place, stamp, state)
}

/** Removes the container assertions at a path that are older than `stamp`, and everything older in them. */
export function removeOlderContainers(slot: Place, stamp: LiveUpdate, state: MergeState): void {
  const container = containerOf(slot)
  if (container === undefined) {
    return
  }
  const isDictOlder = container.dict === undefined || isLater(stamp, container.dict.update)
  const isListOlder = container.list === undefined || isLater(stamp, container.list.update)
  if (isDictOlder && isListOlder) {
    clearContainer(slot, state)
    return
  }
  forgetShown(container)
  // only the later assertion has children or counts as pending, and that one is kept
  if (isDictOlder) {
    dropAssertion(container, 'dict', state)
  }
  if (isListOlder) {
    dropAssertion(container, 'list', state)
  }
  removeOlderChildren(slot, container, stamp, state)
}

/** Returns a lower bound of the stamps at and under a path; undefined when it is empty. */
function oldestIn(place: Place): Stamp | undefined {
  const container = containerOf(place)
  return earlier(
    earlier(place.expiry?.update, container?.oldest),
    earlier(container?.dict?.update, container?.list?.update),
  )
}

function earlier(a: Stamp | undefined, b: Stamp | undefined): Stamp | undefined {
  return a === undefined || (b !== undefined && isBefore(b, a)) ? b : a
}

function isBefore(a: Stamp, b: Stamp): boolean {
  return compareStamps(a, b) < 0
}
