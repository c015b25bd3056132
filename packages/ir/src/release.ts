import { isLater, type Held, type Life } from './life.ts'
import type { Branch, Member, Slot } from './slot.ts'

/** Told what a document loses; so the count of what it holds, and of what is needed, stays right. */
export interface Losses {
  /** one component less */
  lost: () => void
  /** nothing of this update is left */
  unneeded: (held: Held) => void
  /** a container assertion kept only by its children has lost them */
  bereft: (held: Held) => void
}

/** A component lets go of its life. `waiting`: its expiry was still to come. */
export function release (life: Life, waiting: boolean, losses: Losses): void {
  if (waiting) {
    life.uses--
  }
  losses.lost()
  if (--life.held.refs === 0) {
    losses.unneeded(life.held)
  }
}

/** Whether nothing is known of a path any more. */
export function isVacant (slot: Slot): boolean {
  return slot.life === undefined && slot.branch === undefined
}

/** The later of a path's two container assertions, as a kind. */
export function standing (branch: Branch): 'dict' | 'list' {
  const { dict, list } = branch
  return list === undefined || (dict !== undefined && isLater(dict.held, list.held)) ? 'dict' : 'list'
}

/** The value of a register ends, or is dead since a container stands in its place; its stamp stays. */
export function dropValue (slot: Slot | Member): void {
  if (slot.value !== undefined) {
    slot.value = undefined
    ;(slot.life as Life).uses--
  }
}

/** The later container assertion no longer waits for its expiry. */
export function dropLasting (branch: Branch): void {
  if (branch.lasting) {
    branch.lasting = false
    ;(branch[standing(branch)] as Life).uses--
  }
}

/** A member goes, or the register of a path. What still knows the place finds nothing there. */
export function clearRegister (place: Slot | Member, losses: Losses): void {
  const { life, value } = place
  place.life = undefined
  place.value = undefined
  if (life !== undefined) {
    release(life, value !== undefined, losses)
  }
}

/** All of a path goes. */
export function clear (slot: Slot, losses: Losses): void {
  clearRegister(slot, losses)
  if (slot.branch !== undefined) {
    clearBranch(slot.branch, losses)
    slot.branch = undefined
  }
}

export function clearBranch (branch: Branch, losses: Losses): void {
  clearChildren(branch, losses)
  dropLasting(branch)
  if (branch.dict !== undefined) {
    release(branch.dict, false, losses)
    branch.dict = undefined
  }
  if (branch.list !== undefined) {
    release(branch.list, false, losses)
    branch.list = undefined
  }
}

/** Everything in a container goes. */
export function clearChildren (branch: Branch, losses: Losses): void {
  const { kids, members } = branch
  branch.kids = undefined
  branch.names = undefined
  branch.members = undefined
  branch.low = Infinity
  if (kids !== undefined) {
    for (const kid of kids.values()) {
      clear(kid, losses)
    }
  }
  if (members !== undefined) {
    for (const member of members.values()) {
      clearRegister(member, losses)
    }
  }
}
