import type { Dict } from '@sr/xr'
import { isValidated, type ValidatedUpdate } from '../validate-update.ts'
import type { ApplyResult, Document } from './document.ts'
import { mergeNode } from './merge.ts'
import { MergeState } from './merge-state.ts'
import { IrError } from '../errors.ts'
import { endRoot, expire, forget, forgetAt } from './prune.ts'
import { show } from './show.ts'
import { View } from './view.ts'
import { containerOf, LiveUpdate, Slot } from './state.ts'

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

class SlotDocument implements Document {
  readonly #root = new Slot(undefined, '')
  readonly #state = new MergeState()

  get seq(): number {
    return this.#state.log.last?.seq ?? 0
  }

  get retain(): number {
    return this.#state.log.retain
  }

  get slots(): number {
    return this.#state.slots
  }

  get updates(): number {
    return this.#state.log.size
  }

  apply(validated: ValidatedUpdate): ApplyResult {
    if (!isValidated(validated)) {
      throw new IrError('IR_UNVALIDATED', 'apply takes what validateUpdate returned')
    }
    const state = this.#state
    const forked = state.log.hasFork(validated)
    if (state.log.find(validated) !== undefined) {
      return { duplicate: true, changed: false, forked, dropped: NOTHING }
    }
    const update = new LiveUpdate(validated)
    mergeNode(this.#root, validated.body, update, state)
    const changed = update.refs > 0
    if (changed) {
      state.log.insert(update)
    } else {
      state.unneeded(update)
    }
    return { duplicate: false, changed, forked, dropped: state.takeDropped() }
  }

  show(now: number): Dict | undefined {
    const container = containerOf(this.#root)
    return container === undefined ? undefined : (show(container, now, false).node as Dict | undefined)
  }

  view(now: number): View {
    const container = containerOf(this.#root)
    return new View(now, container === undefined ? undefined : show(container, now, true))
  }

  prune(now: number): readonly string[] {
    const state = this.#state
    const ended = state.log.ended(now)
    for (const update of ended) {
      for (const expiry of state.log.endedTtlExpiriesOf(update, now)) {
        expire(expiry)
      }
      if (update.expires <= now) {
        expire(update)
      }
    }
    for (const update of ended) {
      // an earlier one may have removed the last component of it
      if (update.retain <= now && update.refs > 0) {
        state.log.markPastRetain(update)
        for (const expiry of state.log.ttlExpiriesOf(update)) {
          forget(expiry, now, state)
        }
        forget(update, now, state)
      }
    }
    state.forgetEmptied(now, (place) => {
      forgetAt(place, now, state)
    })
    if (ended.length > 0) {
      endRoot(this.#root, now, state)
    }
    return state.takeDropped()
  }

  live(): Iterable<string> {
    return this.#state.log.hashes()
  }

  next(now: number): number | undefined {
    const { log, emptiedDue } = this.#state
    // an update may have left something that the last prune would have removed; instants are whole milliseconds
    const next = Math.min(log.next(now), Math.max(emptiedDue, Math.floor(now) + 1))
    return next === Infinity ? undefined : next
  }
}
