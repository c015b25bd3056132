import type { Dict } from '@sr/xr'
import { IrError } from '../errors.ts'
import { isValidated, type ValidatedUpdate } from '../validate-update.ts'
import type { ApplyResult, Document } from './document.ts'
import { mergeNode } from './merge.ts'
import { MergeState } from './merge-state.ts'
import { prune } from './prune.ts'
import { entriesToShow, show } from './show.ts'
import { containerOf, LiveUpdate } from './state.ts'
import { View } from './view.ts'

/**
 * Creates an empty document. The tree it shows is independent of the order in which updates are applied, of
 * repetitions, and of when the document is pruned.
 *
 * @example
 * ```ts
 * import { createDocument, validateUpdate } from '@sr/ir'
 * import { from, print } from '@sr/xr'
 *
 * const document = createDocument()
 * const times = { expires: 60_000, retain: 60_000 }
 * document.apply(validateUpdate({ seq: 2000, hash: '02'.repeat(32), ...times, body: from({ nick: 'bob' }) }))
 * document.apply(validateUpdate({ seq: 1000, hash: '01'.repeat(32), ...times, body: from({ nick: 'rob', age: 42 }) }))
 * console.log(print(document.show(0) ?? false)) // {nick="bob" age=42}
 * console.log(document.show(60_000)) // undefined
 * ```
 */
export function createDocument(): Document {
  return new MergedDocument()
}

class MergedDocument implements Document {
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

  apply(update: ValidatedUpdate): ApplyResult {
    if (!isValidated(update)) {
      throw new IrError('IR_UNVALIDATED', 'apply requires an update returned by validateUpdate')
    }
    const state = this.#state
    const forked = state.log.hasFork(update)
    if (state.log.find(update) !== undefined) {
      return { duplicate: true, changed: false, forked, dropped: [] }
    }
    const live = new LiveUpdate(update)
    mergeNode(state.root, update.body, live, state)
    const changed = live.refs > 0
    if (changed) {
      state.log.insert(live)
    } else {
      state.dropUpdate(live)
    }
    return { duplicate: false, changed, forked, dropped: state.takeDropped() }
  }

  show(now: number): Dict | undefined {
    const container = containerOf(this.#state.root)
    return container === undefined ? undefined : (show(container, now, false).node as Dict | undefined)
  }

  view(now: number): View {
    const container = containerOf(this.#state.root)
    return new View(now, container === undefined ? undefined : show(container, now, true))
  }

  toShow(now: number): number {
    const container = containerOf(this.#state.root)
    return container === undefined ? 0 : Math.min(this.slots, entriesToShow(container, now))
  }

  nextChange(now: number): number | undefined {
    const container = containerOf(this.#state.root)
    const shown = container === undefined ? undefined : show(container, now, false)
    return shown?.node === undefined || shown.until === Infinity ? undefined : shown.until
  }

  prune(now: number): readonly string[] {
    prune(this.#state, now)
    return this.#state.takeDropped()
  }

  live(): Iterable<string> {
    return this.#state.log.hashes()
  }

  next(now: number): number | undefined {
    const { log, emptiedDue } = this.#state
    // an update applied after the last prune may have emptied a container whose retain has passed; instants are integers
    const next = Math.min(log.next(now), Math.max(emptiedDue, Math.floor(now) + 1))
    return next === Infinity ? undefined : next
  }
}
