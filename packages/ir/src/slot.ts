import type { Dict, List, Node } from '@sr/xr'
import type { Life } from './life.ts'

/**
 * What is known of one path. Its register is `life` and `value`: who replaced the path last, and by
 * what; no value when it was emptied, when the value has ended, or when a container stands there since.
 */
export class Slot {
  life: Life | undefined = undefined
  value: Node | undefined = undefined
  branch: Branch | undefined = undefined
  readonly parent: Slot | undefined
  /** canonical key in the parent */
  readonly key: string

  constructor (parent: Slot | undefined, key: string) {
    this.parent = parent
    this.key = key
  }
}

/** A member of a List: a register alone, since nothing merges inside it. No value: taken out, or ended. */
export class Member {
  /** undefined when it has left the document */
  life: Life | undefined
  value: Node | undefined
  /** where in its update's List it stood */
  position: number
  readonly parent: Slot
  readonly key: string

  constructor (parent: Slot, key: string, life: Life, value: Node | undefined, position: number) {
    this.life = life
    this.value = value
    this.position = position
    this.parent = parent
    this.key = key
  }
}

/**
 * The containers at a path: the latest update that spoke of a Dict here, of a List here, and what
 * is in the later of the two. (The earlier has lost all it held: the later one replaced it.)
 */
export class Branch {
  dict: Life | undefined = undefined
  list: Life | undefined = undefined
  /** the later of the two still waits for its own expiry */
  lasting = false
  kids: Map<string, Slot> | undefined = undefined
  /** nodes of the keys that are not their own canonical key */
  names: Map<string, Node> | undefined = undefined
  members: Map<string, Member> | undefined = undefined
  /** no seq below this is anywhere in the kids or members */
  low: number = Infinity
  shown: Shown | undefined = undefined
}

/** A container as it shows from `since` on, before `until`. */
export interface Shown {
  /** undefined when it does not */
  readonly node: Dict | List | undefined
  readonly since: number
  readonly until: number
  /** when the last of it ends by itself; known where `parts` are */
  readonly ends: number
  /** what stands in it, by canonical key; there only once somebody has asked for a view */
  readonly parts: ReadonlyMap<string, Part> | undefined
  /** the life it has by itself, whatever is in it */
  readonly own: Life
}

/** A leaf's or a member's life, or the container that stands in another. */
export type Part = Life | Shown
