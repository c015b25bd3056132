import { isLater, type Held, type Life } from './life.ts'
import { clearBranch, clearRegister, forgetAssertion, isVacant, type Losses } from './release.ts'
import { branchOf, type Branch, type Slot } from './slot.ts'

/**
 * The floor of a container has risen: what is in it and older goes, all the way down. Each thing
 * goes once; a branch that holds nothing so old is not looked into.
 */
export function sweep (branch: Branch, floor: Held, losses: Losses): void {
  if (branch.low > floor.seq) {
    return
  }
  let low = Infinity
  if (branch.kids !== undefined) {
    for (const [key, kid] of branch.kids) {
      cut(kid, floor, losses)
      if (isVacant(kid)) {
        branch.kids.delete(key)
        branch.names?.delete(key)
      } else {
        low = Math.min(low, lowOf(kid))
      }
    }
  }
  if (branch.members !== undefined) {
    for (const [key, member] of branch.members) {
      const { held } = member.life as Life
      if (isLater(floor, held)) {
        clearRegister(member, losses)
        branch.members.delete(key)
      } else {
        low = Math.min(low, held.seq)
      }
    }
  }
  branch.low = low
  settle(branch, losses)
}

/** An empty container is no container of children; the assertion that waited for them waits no longer. */
function settle (branch: Branch, losses: Losses): void {
  if (branch.kids?.size === 0) {
    branch.kids = undefined
    branch.names = undefined
    if (branch.dict !== undefined) {
      losses.bereft(branch.dict.held)
    }
  }
  if (branch.members?.size === 0) {
    branch.members = undefined
    if (branch.list !== undefined) {
      losses.bereft(branch.list.held)
    }
  }
}

/** What of a path is older than the floor goes. */
function cut (slot: Slot, floor: Held, losses: Losses): void {
  if (slot.life !== undefined && isLater(floor, slot.life.held)) {
    clearRegister(slot, losses)
  }
  cutBranch(slot, floor, losses)
}

/** What of the containers at a path is older than the floor goes: the assertions themselves, and what is inside. */
export function cutBranch (slot: Slot, floor: Held, losses: Losses): void {
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
  sweep(branch, floor, losses)
}

function lowOf (slot: Slot): number {
  const branch = branchOf(slot)
  return Math.min(
    slot.life?.held.seq ?? Infinity,
    branch?.dict?.held.seq ?? Infinity,
    branch?.list?.held.seq ?? Infinity,
    branch?.low ?? Infinity
  )
}
