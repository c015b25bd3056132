import type { Dict, List, Node } from '@sr/xr'
import type { Life } from './life.ts'
import type { LowHeap } from './low-heap.ts'
import type { Stamp } from './update.ts'

/**
 * What is known of one path. `life` is who replaced the path last, and `content` what stands there:
 * the value of that life, or the containers that were said since, or nothing when the path was
 * emptied or the value has ended.
 */
export class Slot {
  life: Life | undefined
  content: Node | Branch | undefined
  readonly parent: Slot | undefined
  /** canonical key in the parent */
  readonly key: string

  constructor(parent: Slot | undefined, key: string) {
    this.life = undefined
    this.content = undefined
    this.parent = parent
    this.key = key
  }
}

/** A member of a List: nothing merges inside it, so its content is a value; none when it was taken out, or has ended. */
export class Member {
  /** undefined when it has left the document */
  life: Life | undefined
  content: Node | undefined
  readonly parent: Slot
  readonly key: string
  /** where in its update's List it stood */
  position: number

  constructor(parent: Slot, key: string, life: Life, content: Node | undefined, position: number) {
    this.life = life
    this.content = content
    this.parent = parent
    this.key = key
    this.position = position
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
  /** no stamp before this is anywhere in the kids or members; undefined when there are none */
  low: Stamp | undefined = undefined
  /** the children by the first stamp in each; there once a floor has taken some and left others */
  heap: LowHeap | undefined = undefined
  shown: Shown | undefined = undefined
}

/** The containers at a path, if any. */
export function branchOf({ content }: Slot | Member): Branch | undefined {
  return content instanceof Branch ? content : undefined
}

/** The value at a path, if any. */
export function valueOf({ content }: Slot): Node | undefined {
  return content instanceof Branch ? undefined : content
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
