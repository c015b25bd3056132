import type { Chunk } from './chunk.ts'
import type { Member, Slot } from './slot.ts'
import { seqTime, type Stamp, type Update } from './update.ts'

/** Where something of a life is held. One alone needs no array, and most updates say one thing. */
export type Places = Slot | Member | Array<Slot | Member> | undefined

/**
 * One expiry that an update gives to some of what it says. Everything in a document points to the
 * life it has, and so to the update it came from: that is its stamp, expiry and retain at once.
 */
export interface Life {
  readonly held: Held
  readonly expires: number
  /** how many values and container assertions still wait for this expiry */
  uses: number
  places: Places
}

/**
 * An update as the document remembers it, while something of it is needed; and the life of all
 * that it gives no other. A document may hold one for every entry, so instants are kept as
 * distances from the seq time: small integers, which take no room of their own.
 */
export class Held implements Life, Stamp {
  readonly seq: number
  readonly hash: string
  /** from the seq time to the expiry, ms */
  readonly #lasts: number
  /** from the seq time to the end of retain, ms */
  readonly #keeps: number
  /** how many components of slots are of this update */
  refs: number
  uses: number
  places: Places
  /** where the ledger has it */
  chunk: Chunk | undefined

  constructor({ seq, hash, expires, retain }: Update) {
    const said = seqTime(seq)
    this.seq = seq
    this.hash = hash
    this.#lasts = expires - said
    this.#keeps = retain - said
    this.refs = 0
    this.uses = 0
    this.places = undefined
    this.chunk = undefined
  }

  get held(): this {
    return this
  }

  get expires(): number {
    return seqTime(this.seq) + this.#lasts
  }

  get retain(): number {
    return seqTime(this.seq) + this.#keeps
  }
}

/** The life that a `$ttl` gives. */
export class OtherLife implements Life {
  readonly held: Held
  readonly expires: number
  uses: number
  places: Places

  constructor(held: Held, expires: number) {
    this.held = held
    this.expires = expires
    this.uses = 0
    this.places = undefined
  }
}

/** Whether a part of a document is a life, and no container. */
export function isLife(part: object): part is Life {
  return part instanceof Held || part instanceof OtherLife
}

/** Remembers a place, so that what ends is found without a search. */
export function note(life: Life, place: Slot | Member): void {
  const { places } = life
  if (places === undefined) {
    life.places = place
  } else if (Array.isArray(places)) {
    places.push(place)
  } else {
    life.places = [places, place]
  }
}

/** Whether `a` has the later stamp. */
export function isLater(a: Held, b: Held): boolean {
  return a.seq > b.seq || (a.seq === b.seq && a.hash > b.hash)
}
