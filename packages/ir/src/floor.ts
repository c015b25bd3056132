import { isLater, type Held } from './life.ts'
import { copyOf, LowHeap } from './low-heap.ts'
import { clearBranch, clearRegister, dropChildren, forgetAssertion, isVacant, type Losses } from './release.ts'
import { branchOf, type Branch, type Member, type Slot } from './slot.ts'
import { compareStamps, type Stamp } from './update.ts'

/**
 * The floor of a container has risen: what is in it and older goes, all the way down. Each thing
 * goes once; what holds nothing so old is not looked at, but for the first time, when children are
 * put in the order of what they hold.
 */
export function sweep(slot: Slot | Member, branch: Branch, floor: Held, losses: Losses): void {
  const children = branch.kids ?? branch.members
  if (children === undefined || branch.low === undefined || !isBefore(branch.low, floor)) {
    return
  }
  const heap = (branch.heap ??= heapOf(children))
  const kept = new Set<Slot | Member>()
  while (heap.least !== undefined && isBefore(heap.least, floor)) {
    const place = heap.pop() as Slot | Member
    if (children.get(place.key) !== place) {
      continue // it has gone already
    }
    cut(place, floor, losses)
    if (isVacant(place)) {
      children.delete(place.key)
      branch.names?.delete(place.key)
    } else {
      kept.add(place)
    }
  }
  kept.forEach((place) => {
    put(heap, place)
  })
  branch.low = heap.least
  settle(slot, branch, losses)
}

function heapOf(children: ReadonlyMap<string, Slot | Member>): LowHeap {
  const heap = new LowHeap()
  for (const place of children.values()) {
    put(heap, place)
  }
  return heap
}

function put(heap: LowHeap, place: Slot | Member): void {
  const low = lowOf(place)
  if (low !== undefined) {
    heap.push(low, place)
  }
}

/** Something with this stamp is about to be said in a container. */
export function lowerBranch(branch: Branch, stamp: Stamp): void {
  if (branch.low === undefined || isBefore(stamp, branch.low)) {
    branch.low = copyOf(stamp)
  }
}

/** Something with this stamp is about to be said of a child, or was said of a new one: it shall be found there. */
export function lower(branch: Branch, place: Slot | Member, stamp: Stamp, isNew: boolean): void {
  const { heap } = branch
  if (heap === undefined) {
    return
  }
  const low = isNew ? undefined : lowOf(place)
  if (low !== undefined && !isBefore(stamp, low)) {
    return
  }
  heap.push(stamp, place)
  if (heap.isStale((branch.kids ?? branch.members)?.size ?? 0)) {
    branch.heap = undefined // to be made anew when it is needed
  }
}

/** An empty container is no container of children; the assertion that waited for them waits no longer. */
export function settle(slot: Slot | Member, branch: Branch, losses: Losses): void {
  const children = branch.kids ?? branch.members
  if (children === undefined || children.size > 0) {
    return
  }
  const assertion = branch.kids === undefined ? branch.list : branch.dict
  dropChildren(branch)
  if (assertion !== undefined) {
    losses.bereft(slot, assertion.held)
  }
}

/** What of a path is older than the floor goes. */
function cut(place: Slot | Member, floor: Held, losses: Losses): void {
  if (place.life !== undefined && isLater(floor, place.life.held)) {
    clearRegister(place, losses)
  }
  cutBranch(place, floor, losses)
}

/** What of the containers at a path is older than the floor goes: the assertions themselves, and what is inside. */
export function cutBranch(slot: Slot | Member, floor: Held, losses: Losses): void {
  const branch = branchOf(slot)
  if (branch === undefined) {
    return
  }
  const dictGoes = branch.dict === undefined || isLater(floor, branch.dict.held)
  const listGoes = branch.list === undefined || isLater(floor, branch.list.held)
  if (dictGoes && listGoes) {
    clearBranch(slot, losses)
    return
  }
  branch.shown = undefined
  // only the later of the two has children or a life of its own, and it is not the one that goes
  if (dictGoes) {
    forgetAssertion(branch, 'dict', losses)
  }
  if (listGoes) {
    forgetAssertion(branch, 'list', losses)
  }
  sweep(slot, branch, floor, losses)
}

/** No stamp before this is at a path or under it; undefined when nothing is. */
function lowOf(place: Slot | Member): Stamp | undefined {
  const branch = branchOf(place)
  return earlier(earlier(place.life?.held, branch?.low), earlier(branch?.dict?.held, branch?.list?.held))
}

function earlier(a: Stamp | undefined, b: Stamp | undefined): Stamp | undefined {
  return a === undefined || (b !== undefined && isBefore(b, a)) ? b : a
}

function isBefore(a: Stamp, b: Stamp): boolean {
  return compareStamps(a, b) < 0
}
