import { Dict, Predicate, print, size, type Node } from '@sr/xr'
import { canonical } from '@sr/xr/dag-cbor'
import { validateUpdate } from '../validate-update.ts'
import { effectContext } from '../grammar/effect-context.ts'
import {
  MAX_VERDICT_BYTES,
  MAX_VERDICT_NODES,
  type Effect,
  type EffectContext,
  type Verdict,
} from '../grammar/effect.ts'
import type { Grammar } from '../grammar/grammar.ts'
import type { TagRule } from '../grammar/tag-rule.ts'
import { type Case, assert } from './case.ts'

/** Input of the effect cases. */
export interface EffectSetup {
  readonly grammar: Grammar
  /** predicates that request an effect */
  readonly requests: readonly Predicate[]
  /** returns a context for a run; its signal is never aborted */
  context(request: Predicate): EffectContext
  /** returns a context whose signal is already aborted; without this method the case that `needs` it is skipped */
  aborted?(request: Predicate): EffectContext
}

/**
 * The contract of every effect.
 *
 * @example
 * ```ts
 * import { effectCases } from '@sr/ir/conformance'
 *
 * console.log(effectCases.every(({ name }) => name.length > 0)) // true
 * ```
 */
export const effectCases: ReadonlyArray<Case<EffectSetup>> = [
  {
    name: 'returns a verdict that can be stated as a fact, or undefined',
    async run({ grammar, requests, context }) {
      for (const request of requests) {
        const { effect, value } = effectOf(grammar, request)
        isFact(request, await effect.run(value, effectContext(context(request))))
      }
    },
  },
  {
    name: 'does not change its context',
    async run({ grammar, requests, context }) {
      for (const request of requests) {
        const { effect, value } = effectOf(grammar, request)
        const original = context(request)
        const before = snapshot(original)
        const passed = effectContext(original)
        await effect.run(value, passed)
        assert(snapshot(passed) === before, `the effect of ${print(request)} changed its context`)
      }
    },
  },
  {
    name: 'runs a second time',
    async run({ grammar, requests, context }) {
      for (const request of requests) {
        const { rule, effect, value } = effectOf(grammar, request)
        const before = canonical(request).join()
        await effect.run(value, effectContext(context(request)))
        isFact(request, await effect.run(value, effectContext(context(request))))
        assert(canonical(request).join() === before, `the effect of ${print(request)} changed its request`)
        assert(canonical(rule.format(value)).join() === before, `the effect of ${print(request)} changed its value`)
      }
    },
  },
  {
    name: 'ends when its signal is aborted',
    needs: ['aborted'],
    async run({ grammar, requests, aborted }) {
      for (const request of requests) {
        const { effect, value } = effectOf(grammar, request)
        assert(aborted !== undefined, 'expected a setup with aborted()')
        // it may return or throw; the time limit of the test runner reports one that hangs
        await Promise.allSettled([(async () => effect.run(value, effectContext(aborted(request))))()])
      }
    },
  },
]

function effectOf(
  grammar: Grammar,
  request: Predicate,
): { rule: TagRule<unknown>; effect: Effect<unknown>; value: unknown } {
  const rule = grammar.rule(request.tag)
  assert(rule?.effect !== undefined, `expected a rule with an effect for ${request.tag}`)
  return { rule, effect: rule.effect, value: rule.parse(request) }
}

function isFact(request: Predicate, result: Verdict | undefined): void {
  if (result === undefined) {
    return
  }
  const { value: verdict, ttl } = result
  assert(
    Number.isSafeInteger(ttl) && ttl >= 1,
    `the ttl of the verdict on ${print(request)} is ${ttl}, expected an integer of at least 1`,
  )
  assert(
    size(verdict) <= MAX_VERDICT_BYTES,
    `the verdict on ${print(request)} has ${size(verdict)} bytes, the limit is ${MAX_VERDICT_BYTES}`,
  )
  // as an argument of a predicate, where operators are refused
  const opaque = (node: Node): number => {
    const body = Dict.from([['facts', Dict.from([[request, new Predicate('', [node])]])]])
    return validateUpdate({ seq: 0, hash: '0'.repeat(64), expires: 0, retain: 0, body }).nodes
  }
  assert(
    opaque(verdict) < opaque(true) + MAX_VERDICT_NODES,
    `the verdict on ${print(request)} has more than ${MAX_VERDICT_NODES} nodes`,
  )
}

/** Serializes the data of a context. */
function snapshot({ key, writer, now, self, observed, record }: EffectContext): string {
  const bytes = (node: Node): string => canonical(node).join()
  return JSON.stringify([
    key.join(),
    writer,
    now,
    self,
    observed ?? '',
    Array.from(record, ([id, document]) => [id, bytes(document)]),
  ])
}
