import { copyOf, StampHeap } from './stamp-heap.ts'
import { clearContainer, clearRegister, resetChildren, dropAssertion, isVacant } from './release.ts'
import type { MergeState } from './merge-state.ts'
import { compareStamps, type Stamp } from '../update.ts'
import { type Container, containerOf, isLater, type LiveUpdate, type Place } from './state.ts'

/**
 * The floor of a container has risen: what is in it and older goes, all the way down. Each thing
 * goes once; what holds nothing so old is not looked at, but for the first time, when children are
 * put in the order of what they hold.
 */
export function removeOlderChildren(slot: Place, container: Container, floor: LiveUpdate, state: MergeState): void {
  const children = container.entries ?? container.members
  if (children === undefined || container.low === undefined || !isBefore(container.low, floor)) {
    return
  }
  const heap = (container.heap ??= heapOfChildren(children))
  const kept = new Set<Place>()
  while (heap.least !== undefined && isBefore(heap.least, floor)) {
    const place = heap.pop() as Place
    if (children.get(place.key) !== place) {
      continue // it has gone already
    }
    removeOlder(place, floor, state)
    if (isVacant(place)) {
      children.delete(place.key)
      container.names?.delete(place.key)
    } else {
      kept.add(place)
    }
  }
  kept.forEach((place) => {
    pushOldest(heap, place)
  })
  container.low = heap.least
  dropIfEmpty(slot, container, state)
}

function heapOfChildren(children: ReadonlyMap<string, Place>): StampHeap<Place> {
  const heap = new StampHeap<Place>()
  for (const place of children.values()) {
    pushOldest(heap, place)
  }
  return heap
}

function pushOldest(heap: StampHeap<Place>, place: Place): void {
  const low = oldestStamp(place)
  if (low !== undefined) {
    heap.push(low, place)
  }
}

/** Something with this stamp is about to be said in a container. */
export function trackOldest(container: Container, stamp: Stamp): void {
  if (container.low === undefined || isBefore(stamp, container.low)) {
    container.low = copyOf(stamp)
  }
}

/** Something with this stamp is about to be said of a child, or was said of a new one: it shall be found there. */
export function trackStamp(container: Container, place: Place, stamp: Stamp, isNew: boolean): void {
  const { heap } = container
  if (heap === undefined) {
    return
  }
  const low = isNew ? undefined : oldestStamp(place)
  if (low !== undefined && !isBefore(stamp, low)) {
    return
  }
  heap.push(stamp, place)
  if (heap.isStale((container.entries ?? container.members)?.size ?? 0)) {
    container.heap = undefined // to be made anew when it is needed
  }
}

/** An empty container is no container of children; the assertion that waited for them waits no longer. */
export function dropIfEmpty(slot: Place, container: Container, state: MergeState): void {
  const children = container.entries ?? container.members
  if (children === undefined || children.size > 0) {
    return
  }
  const assertion = container.entries === undefined ? container.list : container.dict
  resetChildren(container)
  if (assertion !== undefined) {
    state.emptied(slot, assertion.update)
  }
}

/** What of a path is older than the floor goes. */
function removeOlder(place: Place, floor: LiveUpdate, state: MergeState): void {
  if (place.expiry !== undefined && isLater(floor, place.expiry.update)) {
    clearRegister(place, state)
  }
  removeOlderContents(place, floor, state)
}

/** What of the containers at a path is older than the floor goes: the assertions themselves, and what is inside. */
export function removeOlderContents(slot: Place, floor: LiveUpdate, state: MergeState): void {
  const container = containerOf(slot)
  if (container === undefined) {
    return
  }
  const dictGoes = container.dict === undefined || isLater(floor, container.dict.update)
  const listGoes = container.list === undefined || isLater(floor, container.list.update)
  if (dictGoes && listGoes) {
    clearContainer(slot, state)
    return
  }
  container.shown = undefined
  // only the later of the two has children or a life of its own, and it is not the one that goes
  if (dictGoes) {
    dropAssertion(container, 'dict', state)
  }
  if (listGoes) {
    dropAssertion(container, 'list', state)
  }
  removeOlderChildren(slot, container, floor, state)
}

/** No stamp before this is at a path or under it; undefined when nothing is. */
function oldestStamp(place: Place): Stamp | undefined {
  const container = containerOf(place)
  return earlier(
    earlier(place.expiry?.update, container?.low),
    earlier(container?.dict?.update, container?.list?.update),
  )
}

function earlier(a: Stamp | undefined, b: Stamp | undefined): Stamp | undefined {
  return a === undefined || (b !== undefined && isBefore(b, a)) ? b : a
}

function isBefore(a: Stamp, b: Stamp): boolean {
  return compareStamps(a, b) < 0
}
