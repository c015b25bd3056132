import type { Life } from './life.ts'
import { settle } from './floor.ts'
import { clearRegister, dropLasting, forgetAssertion, isVacant, standing, type Losses } from './release.ts'
import { Branch, branchOf, Slot, type Member } from './slot.ts'

/** Values and expiries of a life that has ended go. */
export function expire(life: Life): void {
  const { places } = life
  if (life.uses === 0) {
    return
  }
  if (Array.isArray(places)) {
    for (const place of places) {
      expireAt(place, life)
    }
  } else if (places !== undefined) {
    expireAt(places, life)
  }
}

/** What is left of a life whose update's retain has passed goes: stamps of what was replaced, and containers. */
export function forget({ places }: Life, now: number, losses: Losses): void {
  if (Array.isArray(places)) {
    // a child stands behind its parent, and goes first
    for (let i = places.length - 1; i >= 0; i--) {
      forgetAt(places[i] as Slot | Member, now, losses)
    }
  } else if (places !== undefined) {
    forgetAt(places, now, losses)
  }
}

/** The root is in no update's list, since every update speaks of it. */
export function endRoot(root: Slot, now: number, losses: Losses): void {
  const branch = branchOf(root)
  if (branch?.lasting === true && (branch[standing(branch)] as Life).expires <= now) {
    dropLasting(branch)
  }
  forgetAt(root, now, losses)
}

function expireAt(place: Slot | Member, life: Life): void {
  const { content } = place
  if (content instanceof Branch) {
    if (content.lasting && content[standing(content)] === life) {
      dropLasting(content)
    }
  } else if (content !== undefined && place.life === life) {
    place.content = undefined
    life.uses--
  }
}

/** Forgets what a path no longer needs, and the containers above that were kept by it alone. */
export function forgetAt(place: Slot | Member, now: number, losses: Losses): void {
  let here: Slot | Member = place
  for (;;) {
    const { content } = here
    if (
      here.life !== undefined &&
      (content === undefined || content instanceof Branch) &&
      here.life.held.retain <= now
    ) {
      clearRegister(here, losses)
    }
    if (content instanceof Branch) {
      forgetAssertions(here, content, now, losses)
    }
    const { parent }: Slot | Member = here
    if (parent === undefined || !isVacant(here) || !detach(here, parent, losses)) {
      return
    }
    here = parent
  }
}

function forgetAssertions(slot: Slot | Member, branch: Branch, now: number, losses: Losses): void {
  const waiting = branch.lasting ? standing(branch) : undefined
  if (branch.dict !== undefined && branch.kids === undefined && waiting !== 'dict' && branch.dict.held.retain <= now) {
    forgetAssertion(branch, 'dict', losses)
  }
  if (
    branch.list !== undefined &&
    branch.members === undefined &&
    waiting !== 'list' &&
    branch.list.held.retain <= now
  ) {
    forgetAssertion(branch, 'list', losses)
  }
  if (branch.dict === undefined && branch.list === undefined) {
    slot.content = undefined
  }
}

/** Takes an empty path out of its parent. False when it is not there any more. */
function detach(place: Slot | Member, parent: Slot, losses: Losses): boolean {
  const branch = branchOf(parent)
  const children: Map<string, Slot | Member> | undefined = place instanceof Slot ? branch?.kids : branch?.members
  if (branch === undefined || children?.get(place.key) !== place) {
    return false
  }
  children.delete(place.key)
  branch.names?.delete(place.key)
  if (children.size === 0) {
    settle(parent, branch, losses)
  } else if (branch.heap?.isStale(children.size) === true) {
    branch.heap = undefined // to be made anew when it is needed: it would hold on to what has gone
  }
  return true
}
