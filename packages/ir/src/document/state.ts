import type { Dict, List, Node } from '@sr/xr'
import { seqTime, type Stamp, type Update } from '../update.ts'
import type { StampHeap } from './stamp-heap.ts'
import type { UpdateChunk } from './update-chunk.ts'

/** A path, or a member of a List. */
export type Place = Slot | Member

/** The places that have an expiry. A single one needs no array, and most updates state one thing. */
export type Places = Place | Place[] | undefined

/**
 * One expiry that an update gives to some of its content. Every component of a document points to its expiry, and by
 * that to its update: stamp, expiry and retain in one pointer.
 */
export interface Expiry {
  readonly update: LiveUpdate
  readonly expires: number
  /** how many values and container assertions still wait for this expiry */
  pending: number
  places: Places
}

/**
 * An update as the document keeps it while something of it is needed; also the expiry of all its content without a
 * `$ttl`. A document may hold one per entry, so instants are stored as distances from the seq time: small integers, which
 * V8 stores inline.
 */
export class LiveUpdate implements Expiry, Stamp {
  readonly seq: number
  readonly hash: string
  /** from the seq time to the expiry, ms */
  readonly #untilExpiry: number
  /** from the seq time to the end of retain, ms */
  readonly #untilRetain: number
  /** how many components of the document are of this update */
  refs: number
  pending: number
  places: Places
  /** the chunk of the update log that holds it */
  chunk: UpdateChunk<LiveUpdate> | undefined

  constructor({ seq, hash, expires, retain }: Update) {
    const time = seqTime(seq)
    this.seq = seq
    this.hash = hash
    this.#untilExpiry = expires - time
    this.#untilRetain = retain - time
    this.refs = 0
    this.pending = 0
    this.places = undefined
    this.chunk = undefined
  }

  get update(): this {
    return this
  }

  get expires(): number {
    return seqTime(this.seq) + this.#untilExpiry
  }

  get retain(): number {
    return seqTime(this.seq) + this.#untilRetain
  }
}

/** The expiry that a `$ttl` gives. */
export class TtlExpiry implements Expiry {
  readonly update: LiveUpdate
  readonly expires: number
  pending: number
  places: Places

  constructor(update: LiveUpdate, expires: number) {
    this.update = update
    this.expires = expires
    this.pending = 0
    this.places = undefined
  }
}

/** Whether a part of a document is an expiry, and not a container. */
export function isExpiry(part: object): part is Expiry {
  return part instanceof LiveUpdate || part instanceof TtlExpiry
}

/** Records that a place has this expiry, so that what expires is found without a search. */
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
 * The state of one path. `expiry` is that of the update that replaced the path last; `content` is the value it stated, or
 * the containers stated since, or undefined when the path was emptied or the value has expired.
 */
export class Slot {
  expiry: Expiry | undefined
  content: Node | Container | undefined
  readonly parent: Slot | undefined
  /** canonical key in the parent */
  readonly key: string

  constructor(parent: Slot | undefined, key: string) {
    this.expiry = undefined
    this.content = undefined
    this.parent = parent
    this.key = key
  }
}

/** A member of a List. Nothing merges inside it, so its content is a value; undefined when it was removed or has expired. */
export class Member {
  /** undefined when it has left the document */
  expiry: Expiry | undefined
  content: Node | undefined
  readonly parent: Slot
  readonly key: string
  /** its position in the List of its update */
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
 * The containers at a path: the expiry of the latest update that stated a Dict here, and of the latest that stated a List
 * here (the assertions), and the children of the later of the two. The earlier has no children: the later replaced it.
 */
export class Container {
  dict: Expiry | undefined = undefined
  list: Expiry | undefined = undefined
  /** whether the later assertion still waits for its own expiry */
  lasting = false
  entries: Map<string, Slot> | undefined = undefined
  /** nodes of the keys that are not their own canonical key */
  names: Map<string, Node> | undefined = undefined
  members: Map<string, Member> | undefined = undefined
  /** a lower bound of the stamps in the entries or members; undefined when there are none */
  low: Stamp | undefined = undefined
  /** the children by the first stamp in each; exists once an overwrite has removed some and kept others */
  heap: StampHeap<Place> | undefined = undefined
  shown: Shown | undefined = undefined
}

/** The containers at a path, if any. */
export function containerOf({ content }: Place): Container | undefined {
  return content instanceof Container ? content : undefined
}

/** The value at a path, if any. */
export function valueOf({ content }: Slot): Node | undefined {
  return content instanceof Container ? undefined : content
}

/** A container as it shows from `since` on, before `until`. */
export interface Shown {
  /** undefined when it does not show */
  readonly node: Dict | List | undefined
  readonly since: number
  readonly until: number
  /** when the last of it expires; known where `parts` are */
  readonly ends: number
  /** what is in it, by canonical key; present once a view was requested */
  readonly parts: ReadonlyMap<string, Part> | undefined
  /** the container's own expiry, whatever is in it */
  readonly own: Expiry
}

/** The expiry of a leaf or a member, or a container inside another. */
export type Part = Expiry | Shown
