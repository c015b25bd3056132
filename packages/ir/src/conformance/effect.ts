import { Dict, Predicate, print, size, type Node } from '@sr/xr'
import { canonical } from '@sr/xr/dag-cbor'
import { validateUpdate } from '../validate-update.ts'
import { effectContext } from '../grammar/effect-context.ts'
import type { Grammar } from '../grammar/grammar.ts'
import {
  MAX_VERDICT_BYTES,
  MAX_VERDICT_NODES,
  type Effect,
  type EffectContext,
  type TagRule,
  type Verdict,
} from '../grammar/tag-rule.ts'
import { type Case, demand } from './case.ts'

/** What the effect kit is run with. */
export interface EffectSetup {
  readonly grammar: Grammar
  /** predicates that ask for something */
  readonly requests: readonly Predicate[]
  /** a context to run them in; its signal does not fire by itself */
  context(request: Predicate): EffectContext
  /** the same with a signal that has fired already; a setup without skips the case that `needs` it */
  aborted?(request: Predicate): EffectContext
}

/**
 * What every effect must keep, however it comes by its verdict.
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
    name: 'answers with a verdict that can be stated as a fact, or with nothing',
    async run({ grammar, requests, context }) {
      for (const request of requests) {
        const { effect, value } = effectOf(grammar, request)
        isFact(request, await effect.run(value, effectContext(context(request))))
      }
    },
  },
  {
    name: 'sees the record and does not change it',
    async run({ grammar, requests, context }) {
      for (const request of requests) {
        const { effect, value } = effectOf(grammar, request)
        const seen = context(request)
        const before = picture(seen)
        const given = effectContext(seen)
        await effect.run(value, given)
        demand(picture(given) === before, `the effect of ${print(request)} has changed what it was shown`)
      }
    },
  },
  {
    name: 'can be run again',
    async run({ grammar, requests, context }) {
      for (const request of requests) {
        const { rule, effect, value } = effectOf(grammar, request)
        const before = canonical(request).join()
        await effect.run(value, effectContext(context(request)))
        isFact(request, await effect.run(value, effectContext(context(request))))
        demand(canonical(request).join() === before, `the effect of ${print(request)} has changed its request`)
        demand(
          canonical(rule.format(value)).join() === before,
          `the effect of ${print(request)} has changed the value it was given`,
        )
      }
    },
  },
  {
    name: 'ends when its signal has fired',
    needs: ['aborted'],
    async run({ grammar, requests, aborted }) {
      for (const request of requests) {
        const { effect, value } = effectOf(grammar, request)
        demand(aborted !== undefined, 'the setup has no aborted()')
        // it may answer or throw; a runner's own time limit catches one that hangs
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
  demand(rule?.effect !== undefined, `${request.tag} asks for nothing`)
  return { rule, effect: rule.effect, value: rule.parse(request) }
}

function isFact(request: Predicate, answer: Verdict | undefined): void {
  if (answer === undefined) {
    return
  }
  const { value: verdict, ttl } = answer
  demand(Number.isSafeInteger(ttl) && ttl >= 1, `the verdict on ${print(request)} has no life of whole seconds`)
  demand(
    size(verdict) <= MAX_VERDICT_BYTES,
    `the verdict on ${print(request)} is larger than ${MAX_VERDICT_BYTES} bytes`,
  )
  // as an argument, where no operator may stand
  const opaque = (node: Node): number => {
    const body = Dict.from([['facts', Dict.from([[request, new Predicate('', [node])]])]])
    return validateUpdate({ seq: 0, hash: '0'.repeat(64), expires: 0, retain: 0, body }).nodes
  }
  demand(
    opaque(verdict) < opaque(true) + MAX_VERDICT_NODES,
    `the verdict on ${print(request)} has more than ${MAX_VERDICT_NODES} nodes`,
  )
}

/** All that a context shows, as text. */
function picture({ key, writer, now, self, observed, record }: EffectContext): string {
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
