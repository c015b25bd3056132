import type { Dict } from '@sr/xr'
import { isValidated, type ValidatedUpdate } from './validate-update.ts'
import type { Applied, Document } from './document.ts'
import { say, type Gains } from './join.ts'
import { IrError } from './errors.ts'
import { Ledger } from './ledger.ts'
import { Held, type Life } from './life.ts'
import { endRoot, expire, forget, forgetAt } from './prune.ts'
import { show } from './show.ts'
import { branchOf, Slot, type Member } from './slot.ts'
import { View } from './view.ts'

const NOTHING: readonly string[] = Object.freeze([])

/**
 * An empty document. What it shows does not depend on the order in which updates are applied to
 * it, nor on how often, nor on when it is pruned.
 *
 * @example
 * ```ts
 * import { createDocument, validateUpdate } from '@sr/ir'
 * import { from, print } from '@sr/xr'
 *
 * const document = createDocument()
 * const life = { expires: 60_000, retain: 60_000 }
 * document.apply(validateUpdate({ seq: 2000, hash: '02'.repeat(32), ...life, body: from({ nick: 'bob' }) }))
 * document.apply(validateUpdate({ seq: 1000, hash: '01'.repeat(32), ...life, body: from({ nick: 'rob', age: 42 }) }))
 * console.log(print(document.show(0) ?? false)) // {nick="bob" age=42}
 * console.log(document.show(60_000)) // undefined
 * ```
 */
export function createDocument(): Document {
  return new SlotDocument()
}

class SlotDocument implements Document, Gains {
  readonly #root = new Slot(undefined, '')
  readonly #ledger = new Ledger()
  #slots = 0
  #dropped: string[] | undefined
  /** containers to be looked at again, asserted by updates at rest, and the latest retain of those */
  readonly #bereft = new Map<Slot | Member, number>()
  /** the first retain of all those updates */
  #bereftDue = Infinity

  get seq(): number {
    return this.#ledger.last?.seq ?? 0
  }

  get retain(): number {
    return this.#ledger.retain
  }

  get slots(): number {
    return this.#slots
  }

  get updates(): number {
    return this.#ledger.size
  }

  apply(update: ValidatedUpdate): Applied {
    if (!isValidated(update)) {
      throw new IrError('IR_UNVALIDATED', 'apply takes what validateUpdate returned')
    }
    const forked = this.#ledger.hasOther(update)
    if (this.#ledger.find(update) !== undefined) {
      return { held: true, changed: false, forked, dropped: NOTHING }
    }
    const held = new Held(update)
    say(this.#root, update.body, held, this)
    const changed = held.refs > 0
    if (changed) {
      this.#ledger.insert(held)
    } else {
      this.unneeded(held)
    }
    return { held: false, changed, forked, dropped: this.#takeDropped() }
  }

  show(now: number): Dict | undefined {
    const branch = branchOf(this.#root)
    return branch === undefined ? undefined : (show(branch, now, false).node as Dict | undefined)
  }

  view(now: number): View {
    const branch = branchOf(this.#root)
    return new View(now, branch === undefined ? undefined : show(branch, now, true))
  }

  prune(now: number): readonly string[] {
    const ended = this.#ledger.ended(now)
    for (const held of ended) {
      for (const life of this.#ledger.endedOf(held, now)) {
        expire(life)
      }
      if (held.expires <= now) {
        expire(held)
      }
    }
    for (const held of ended) {
      // one before it may have taken the last of it along
      if (held.retain <= now && held.refs > 0) {
        this.#ledger.rest(held)
        for (const life of this.#ledger.othersOf(held)) {
          forget(life, now, this)
        }
        forget(held, now, this)
      }
    }
    this.#forgetBereft(now)
    if (ended.length > 0) {
      endRoot(this.#root, now, this)
    }
    return this.#takeDropped()
  }

  live(): Iterable<string> {
    return this.#ledger.hashes()
  }

  next(now: number): number | undefined {
    // an update may have left something that the last prune would have taken, had it known; instants are whole
    const next = Math.min(this.#ledger.next(now), Math.max(this.#bereftDue, Math.floor(now) + 1))
    return next === Infinity ? undefined : next
  }

  gained(): void {
    this.#slots++
  }

  lost(): void {
    this.#slots--
  }

  unneeded(held: Held): void {
    this.#ledger.remove(held)
    this.#dropped ??= []
    this.#dropped.push(held.hash)
  }

  bereft(place: Slot | Member, held: Held): void {
    if (this.#ledger.isAtRest(held)) {
      this.#bereft.set(place, Math.max(held.retain, this.#bereft.get(place) ?? 0))
      this.#bereftDue = Math.min(this.#bereftDue, held.retain)
    }
  }

  otherLife(held: Held, expires: number): Life {
    return this.#ledger.otherLife(held, expires)
  }

  #forgetBereft(now: number): void {
    // what is forgotten may leave the container above without children
    while (this.#bereftDue <= now) {
      const bereft = [...this.#bereft]
      this.#bereft.clear()
      this.#bereftDue = Infinity
      for (const [place, retain] of bereft) {
        forgetAt(place, now, this)
        if (retain > now) {
          // a clock has gone back: not all of it can be forgotten yet
          this.#bereft.set(place, retain)
          this.#bereftDue = Math.min(this.#bereftDue, retain)
        }
      }
    }
  }

  #takeDropped(): readonly string[] {
    const dropped = this.#dropped ?? NOTHING
    this.#dropped = undefined
    return dropped
  }
}
