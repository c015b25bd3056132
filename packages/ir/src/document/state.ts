import type { Dict, List, Node } from '@sr/xr'
import { seqTime, type Stamp, type Update } from '../update.ts'
import type { EntryTree } from './entry-tree.ts'
import type { StampHeap } from './stamp-heap.ts'

/**
 * One expiry that an update gives to some of its statements. Each component of the state refers to its `Expiry`,
 * and through it to the update: stamp, expiry and retain in one reference.
 */
export interface Expiry {
  readonly update: LiveUpdate
  /** milliseconds since 1970 */
  readonly expires: number
  /** number of values and container assertions that have not yet been removed at this expiry */
  pending: number
  places: Places
}

/** The places an expiry refers to. A single place needs no array; most updates state one thing. */
export type Places = Place | Place[] | undefined

/** A path or a List member. */
export type Place = Slot | Member

/**
 * The part of an update that the document keeps while it needs the update; also the default expiry of its statements.
 * A document may hold one per entry, so instants are stored relative to the seq time: V8 stores small integers
 * without an allocation.
 */
export class LiveUpdate implements Expiry, Stamp {
  readonly seq: number
  readonly hash: string
  /** from the seq time to `expires`, ms */
  readonly #expiresAfter: number
  /** from the seq time to `retain`, ms */
  readonly #retainedFor: number
  /** number of components of the state that come from this update */
  refs = 0
  pending = 0
  places: Places = undefined

  constructor({ seq, hash, expires, retain }: Update) {
    const start = seqTime(seq)
    this.seq = seq
    this.hash = hash
    this.#expiresAfter = expires - start
    this.#retainedFor = retain - start
  }

  get update(): this {
    return this
  }

  get expires(): number {
    return seqTime(this.seq) + this.#expiresAfter
  }

  get retain(): number {
    return seqTime(this.seq) + this.#retainedFor
  }
}

/** An expiry set by `$ttl`. */
export class TtlExpiry implements Expiry {
  readonly update: LiveUpdate
  readonly expires: number
  pending = 0
  places: Places = undefined

  constructor(update: LiveUpdate, expires: number) {
    this.update = update
    this.expires = expires
  }
}

/** Whether a part of a shown container is an expiry (of a leaf or member), not a container. */
export function isExpiry(part: object): part is Expiry {
  return part instanceof LiveUpdate || part instanceof TtlExpiry
}

/** Adds a place to an expiry, so that expiry and prune find it without a search. */
export function addPlace(expiry: Expiry, place: Place): void {
  const { places } = expiry
  if (places === undefined) {
    expiry.places = place
  } else if (Array.isArray(places)) {
    places.push(place)
  } else {
    expiry.places = [places, place]
  }
}

/** Whether `a` has the later stamp. */
export function isLater(a: LiveUpdate, b: LiveUpdate): boolean {
  return a.seq > b.seq || (a.seq === b.seq && a.hash > b.hash)
}

/**
 * The state of one path. `expiry` belongs to the update that replaced the path last. `content` is the value of that
 * update, or the containers stated since; undefined when the path was emptied or the value has expired.
 */
export class Slot {
  expiry: Expiry | undefined = undefined
  content: Node | Container | undefined = undefined
  readonly parent: Slot | undefined
  /** canonical key in the parent */
  readonly key: string

  constructor(parent: Slot | undefined, key: string) {
    this.parent = parent
    this.key = key
  }
}

/** A List member. Members do not merge inside, so the content is a value; undefined when removed or expired. */
export class Member {
  /** undefined once the member has been dropped from the document */
  expiry: Expiry | undefined
  content: Node | undefined
  readonly parent: Slot
  readonly key: string
  /** index in the List of its update */
  position: number

  constructor(parent: Slot, key: string, expiry: Expiry, content: Node | undefined, position: number) {
    this.expiry = expiry
    this.content = content
    this.parent = parent
    this.key = key
    this.position = position
  }
}

/**
 * The containers at a path: the latest assertion of a Dict, the latest assertion of a List, and the children of the
 * later of the two. The earlier one has no children, because the later one replaced it.
 */
export class Container {
  dict: Expiry | undefined = undefined
  list: Expiry | undefined = undefined
  /** whether the later assertion still counts as pending at its expiry */
  unexpired = false
  entries: Map<string, Slot> | undefined = undefined
  /** key nodes of the entries whose key is not a String */
  keyNodes: Map<string, Node> | undefined = undefined
  members: Map<string, Member> | undefined = undefined
  /** lower bound of the stamps in the entries or members; undefined without children */
  oldest: Stamp | undefined = undefined
  /** the children by their oldest stamp; built when an overwrite first removes only some of them */
  heap: StampHeap<Place> | undefined = undefined
  shown: Shown | undefined = undefined
  /** what a large Dict needs to be shown again without a visit of all entries */
  large: LargeDict | undefined = undefined
}

/** The positions of the entries of a large Dict, and what has changed since it was shown. */
export interface LargeDict {
  /**
   * canonical key → position in the tree of the entries, from 0. A key keeps its position when it is dropped and stated
   * again, so that earlier versions can look it up: the order of the entries of a Dict is no part of its value
   */
  readonly positions: Map<string, number>
  /** canonical keys of the entries that updates have changed */
  readonly changed: Set<string>
}

/** The containers at a path, if any. */
export function containerOf({ content }: Place): Container | undefined {
  return content instanceof Container ? content : undefined
}

/** The value at a path, if any. */
export function valueOf({ content }: Slot): Node | undefined {
  return content instanceof Container ? undefined : content
}

/** A container as shown from `since` (inclusive) to `until` (exclusive). */
export interface Shown {
  /** undefined when the container does not show */
  readonly node: Dict | List | undefined
  readonly since: number
  readonly until: number
  /** latest expiry of its content; set when `parts` is set */
  readonly ends: number
  /** shown children by canonical key; set when a view was requested, and undefined for a large Dict */
  readonly parts: ReadonlyMap<string, Part> | undefined
  /** the entries of a large Dict */
  readonly tree: EntryTree<Part> | undefined
  /** the same object as long as positions in `tree` mean the same entries */
  readonly large: LargeDict | undefined
  /** expiry of the container's own assertion, independent of its children */
  readonly own: Expiry
}

/** A child of a shown container: the expiry of a leaf or member, or a nested container. */
export type Part = Expiry | Shown
