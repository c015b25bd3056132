import { orderOf, type Route, type ViewPart } from '@sr/ir'
import { key as idOf, type Node } from '@sr/xr'
import { ANY, DEEP, MAX_STEPS, type Selector } from '@sr/xr/selector'
import { VmError } from '../errors.ts'

/** How far a selector has matched a path: bit i is set if step i may come next, and the bit behind the last step if all have matched. */
export type PatternState = bigint

/** A key that steps name. */
interface NamedKey {
  readonly key: Node
  readonly order: string
  /** the steps that name it */
  steps: bigint
}

/**
 * A selector as a route for `walk`. The state of a part is the set of all steps that may come next, so each part is visited
 * once and at the same cost, whatever the selector.
 */
export class Pattern implements Route<PatternState> {
  /** steps that match each child */
  readonly #any: bigint
  readonly #deep: bigint
  /** by canonical key, in the order of `order` */
  readonly #keys: ReadonlyMap<string, NamedKey>
  readonly #end: bigint
  readonly #endsDeep: boolean
  readonly start: PatternState

  /** @throws VmError `VM_DEPTH` for more than 64 steps: no document is deep enough for them */
  constructor(selector: Selector) {
    if (selector.length > MAX_STEPS) {
      const detail = { limit: 'steps', max: MAX_STEPS, got: selector.length }
      throw new VmError('VM_DEPTH', `a selector has at most ${MAX_STEPS} steps, not ${selector.length}`, detail)
    }
    // of adjacent DEEP steps one is enough; so a set is closed by one shift
    const steps = selector.filter((step, i) => step !== DEEP || selector[i - 1] !== DEEP)
    const keys = new Map<string, NamedKey>()
    let [any, deep] = [0n, 0n]
    for (const [i, step] of steps.entries()) {
      const bit = 1n << BigInt(i)
      if (step === ANY) {
        any |= bit
      } else if (step === DEEP) {
        deep |= bit
      } else {
        const id = idOf(step)
        const named = keys.get(id) ?? { key: step, order: orderOf(step), steps: 0n }
        named.steps |= bit
        keys.set(id, named)
      }
    }
    this.#any = any
    this.#deep = deep
    this.#keys = new Map([...keys].sort(([, a], [, b]) => (a.order < b.order ? -1 : 1)))
    this.#end = 1n << BigInt(steps.length)
    this.#endsDeep = steps.at(-1) === DEEP
    this.start = this.#closed(1n)
  }

  /** Whether a part in this state is a result. */
  matches(state: PatternState, part: ViewPart): boolean {
    return (state & this.#end) !== 0n && (part.isLeaf || !this.#endsDeep)
  }

  *children(part: ViewPart, state: PatternState, from: string): Iterable<ViewPart> {
    if ((state & (this.#any | this.#deep)) !== 0n) {
      yield* part.children(from)
      return
    }
    for (const { key, order, steps } of this.#keys.values()) {
      const child = (state & steps) === 0n || order < from ? undefined : part.child(key)
      if (child !== undefined) {
        yield child
      }
    }
  }

  enter(state: PatternState, { step, isMember }: ViewPart): PatternState {
    let matched = state & this.#any
    if (this.#keys.size > 0 && !isMember && step !== undefined) {
      matched |= state & (this.#keys.get(idOf(step))?.steps ?? 0n)
    }
    return this.#closed((state & this.#deep) | (matched << 1n))
  }

  /** A set of steps with those that may come next because a DEEP step matches nothing. */
  #closed(state: PatternState): PatternState {
    return state | ((state & this.#deep) << 1n)
  }
}
