import { isLater, type Held, type Life } from './life.ts'
import { Branch, branchOf, type Member, type Slot } from './slot.ts'

/** Told what a document loses; so the count of what it holds, and of what is needed, stays right. */
export interface Losses {
  /** one component less */
  lost: () => void
  /** nothing of this update is left */
  unneeded: (held: Held) => void
  /** a container assertion of this update has lost its children, which may have been all that it was kept for */
  bereft: (place: Slot | Member, held: Held) => void
}

/** A component lets go of its life. `waiting`: its expiry was still to come. */
export function release(life: Life, waiting: boolean, losses: Losses): void {
  if (waiting) {
    life.uses--
  }
  losses.lost()
  const { held } = life
  if (--held.refs === 0) {
    losses.unneeded(held)
  }
}

/** Whether nothing is known of a path any more. */
export function isVacant(place: Slot | Member): boolean {
  return place.life === undefined && place.content === undefined
}

/** The later of a path's two container assertions, as a kind. */
export function standing(branch: Branch): 'dict' | 'list' {
  const { dict, list } = branch
  return list === undefined || (dict !== undefined && isLater(dict.held, list.held)) ? 'dict' : 'list'
}

/** The later container assertion no longer waits for its expiry. */
export function dropLasting(branch: Branch): void {
  if (branch.lasting) {
    branch.lasting = false
    ;(branch[standing(branch)] as Life).uses--
  }
}

/** A member goes, or the register of a path. What still knows the place finds nothing there. */
export function clearRegister(place: Slot | Member, losses: Losses): void {
  const { life, content } = place
  const valued = content !== undefined && !(content instanceof Branch)
  place.life = undefined
  if (valued) {
    place.content = undefined
  }
  if (life !== undefined) {
    release(life, valued, losses)
  }
}

/** All of a path goes. */
export function clear(slot: Slot, losses: Losses): void {
  clearRegister(slot, losses)
  clearBranch(slot, losses)
}

/** The containers at a path go. */
export function clearBranch(slot: Slot | Member, losses: Losses): void {
  const branch = branchOf(slot)
  if (branch === undefined) {
    return
  }
  slot.content = undefined
  clearChildren(branch, losses)
  dropLasting(branch)
  forgetAssertion(branch, 'dict', losses)
  forgetAssertion(branch, 'list', losses)
}

/** An assertion that waits for nothing goes. */
export function forgetAssertion(branch: Branch, kind: 'dict' | 'list', losses: Losses): void {
  const life = branch[kind]
  if (life !== undefined) {
    branch[kind] = undefined
    release(life, false, losses)
  }
}

/** A container without children, as it was when it was new. */
export function dropChildren(branch: Branch): void {
  branch.kids = undefined
  branch.names = undefined
  branch.members = undefined
  branch.heap = undefined
  branch.low = undefined
}

/** Everything in a container goes. */
export function clearChildren(branch: Branch, losses: Losses): void {
  const { kids, members } = branch
  dropChildren(branch)
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
