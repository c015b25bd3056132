import type { Member, Slot } from './slot.ts'
import type { Stamp, Update } from './update.ts'

/** Where something of a life is held. One alone needs no array, and most updates say one thing. */
export type Places = Slot | Member | Array<Slot | Member> | undefined

/**
 * One expiry that an update gives to some of what it says. Everything in a document points to the
 * life it has, and so to the update it came from: that is its stamp, expiry and retain at once.
 */
export class Life {
  readonly held: Held
  readonly expires: number
  /** how many values and container assertions still wait for this expiry */
  uses: number
  places: Places

  constructor (held: Held | undefined, expires: number) {
    // an update is the life of all that it gives no other life; `this` is a Held then
    this.held = held ?? this as unknown as Held
    this.expires = expires
    this.uses = 0
    this.places = undefined
  }

  /** Remembers a place, so that what ends is found without a search. */
  note (place: Slot | Member): void {
    const { places } = this
    if (places === undefined) {
      this.places = place
    } else if (Array.isArray(places)) {
      places.push(place)
    } else {
      this.places = [places, place]
    }
  }
}

/** An update as the document remembers it, while something of it is needed. */
export class Held extends Life implements Stamp {
  readonly seq: number
  readonly hash: string
  readonly retain: number
  /** how many slots' components are of this update */
  refs: number
  /** the lives its `$ttl`s give, by expiry */
  others: Map<number, Life> | undefined
  /** retain has passed, and what is left waits for its children to go */
  over: boolean

  constructor (update: Update) {
    super(undefined, update.expires)
    this.seq = update.seq
    this.hash = update.hash
    this.retain = update.retain
    this.refs = 0
    this.others = undefined
    this.over = false
  }

  /** The life of this update with the given expiry. */
  life (expires: number): Life {
    if (expires === this.expires) {
      return this
    }
    this.others ??= new Map()
    let life = this.others.get(expires)
    if (life === undefined) {
      life = new Life(this, expires)
      this.others.set(expires, life)
    }
    return life
  }

  /** The first instant after `now` at which something of this update ends; Infinity when nothing does. */
  due (now: number): number {
    let due = !this.over && this.retain > now ? this.retain : Infinity
    if (this.uses > 0 && this.expires > now && this.expires < due) {
      due = this.expires
    }
    if (this.others !== undefined) {
      for (const life of this.others.values()) {
        if (life.uses > 0 && life.expires > now && life.expires < due) {
          due = life.expires
        }
      }
    }
    return due
  }
}

/** Order of two updates' stamps. */
export function isLater (a: Held, b: Held): boolean {
  return a.seq > b.seq || (a.seq === b.seq && a.hash > b.hash)
}

/** The later of two updates, either of which may be missing. */
export function latest (a: Held | undefined, b: Held | undefined): Held | undefined {
  return a === undefined || (b !== undefined && isLater(b, a)) ? b : a
}
