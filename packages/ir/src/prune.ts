import type { Held, Life } from './life.ts'
import { clearRegister, dropLasting, dropValue, isVacant, release, standing, type Losses } from './release.ts'
import { Slot, type Branch, type Member } from './slot.ts'

/** Forgets what of an update has ended at `now`: values and expiries first, and after its retain the stamps too. */
export function end (held: Held, now: number, losses: Losses): void {
  // a child stands behind its parent in the list, and has to go first
  const lives: Life[] = held.others === undefined ? [held] : [...held.others.values(), held]
  for (const life of lives) {
    if (life.expires <= now && life.uses > 0) {
      eachPlace(life, (place) => { expire(place, life) })
    }
  }
  if (held.retain <= now) {
    held.over = true
    for (const life of lives) {
      eachPlace(life, (place) => { forget(place, now, losses) })
    }
  }
}

/** The root is in no update's list, since every update speaks of it. */
export function endRoot (root: Slot, now: number, losses: Losses): void {
  const { branch } = root
  if (branch?.lasting === true) {
    const life = branch[standing(branch)] as Life
    if (life.expires <= now) {
      dropLasting(branch)
    }
  }
  forget(root, now, losses)
}

function eachPlace (life: Life, visit: (place: Slot | Member) => void): void {
  const { places } = life
  if (Array.isArray(places)) {
    for (let i = places.length - 1; i >= 0; i--) {
      visit(places[i] as Slot | Member)
    }
  } else if (places !== undefined) {
    visit(places)
  }
}

function expire (place: Slot | Member, life: Life): void {
  if (place.life === life) {
    dropValue(place)
  }
  if (place instanceof Slot && place.branch?.lasting === true && place.branch[standing(place.branch)] === life) {
    dropLasting(place.branch)
  }
}

/** Forgets what a path no longer needs, and the containers above that were kept by it alone. */
function forget (place: Slot | Member, now: number, losses: Losses): void {
  let here: Slot | Member | undefined = place
  while (here !== undefined) {
    if (here.life !== undefined && here.value === undefined && here.life.held.retain <= now) {
      clearRegister(here, losses)
    }
    if (here instanceof Slot && here.branch !== undefined) {
      forgetAssertions(here, here.branch, now, losses)
    }
    const { parent }: Slot | Member = here
    if (parent === undefined || here.life !== undefined || (here instanceof Slot && !isVacant(here)) || !detach(here, parent)) {
      return
    }
    here = parent
  }
}

function forgetAssertions (slot: Slot, branch: Branch, now: number, losses: Losses): void {
  const { dict, list } = branch
  if (dict !== undefined && branch.kids === undefined && dict.held.retain <= now && !(branch.lasting && standing(branch) === 'dict')) {
    branch.dict = undefined
    release(dict, false, losses)
  }
  if (list !== undefined && branch.members === undefined && list.held.retain <= now && !(branch.lasting && standing(branch) === 'list')) {
    branch.list = undefined
    release(list, false, losses)
  }
  if (branch.dict === undefined && branch.list === undefined) {
    slot.branch = undefined
  }
}

/** Takes an empty path out of its parent. False when it is not there any more. */
function detach (place: Slot | Member, parent: Slot): boolean {
  const { branch } = parent
  if (place instanceof Slot) {
    if (branch?.kids?.get(place.key) !== place) {
      return false
    }
    branch.kids.delete(place.key)
    branch.names?.delete(place.key)
    if (branch.kids.size === 0) {
      branch.kids = undefined
      branch.names = undefined
    }
    return true
  }
  if (branch?.members?.get(place.key) !== place) {
    return false
  }
  branch.members.delete(place.key)
  if (branch.members.size === 0) {
    branch.members = undefined
  }
  return true
}
