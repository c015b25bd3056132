import { Dict, Predicate, print, type Node } from '@sr/xr'
import { canonical } from '@sr/xr/dag-cbor'
import { checkUpdate } from '../check-update.ts'
import { effectContext } from '../effect-context.ts'
import type { Grammar } from '../grammar.ts'
import { SET, TTL } from '../operators.ts'
import type { Effect, EffectContext, TagRule, Verdict } from '../tag-rule.ts'
import { type Case, demand } from './case.ts'

/** What the effect kit is run with. */
export interface EffectSetup {
  readonly grammar: Grammar
  /** predicates that ask for something */
  readonly requests: readonly Predicate[]
  /** a context to run them in; its signal does not fire by itself */
  context (request: Predicate): EffectContext
  /** the same with a signal that has fired already; a setup without skips the case that `needs` it */
  aborted? (request: Predicate): EffectContext
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
    async run ({ grammar, requests, context }) {
      for (const request of requests) {
        const { effect, value } = effectOf(grammar, request)
        isFact(request, await effect.run(value, effectContext(context(request))))
      }
    }
  },
  {
    name: 'sees the record and does not change it',
    async run ({ grammar, requests, context }) {
      for (const request of requests) {
        const { effect, value } = effectOf(grammar, request)
        const seen = context(request)
        const before = picture(seen)
        const given = effectContext(seen)
        await effect.run(value, given)
        demand(picture(given) === before && picture(seen) === before, `the effect of ${print(request)} has changed what it was shown`)
      }
    }
  },
  {
    name: 'can be run again',
    async run ({ grammar, requests, context }) {
      for (const request of requests) {
        const { rule, effect, value } = effectOf(grammar, request)
        const before = canonical(request).join()
        await effect.run(value, effectContext(context(request)))
        isFact(request, await effect.run(value, effectContext(context(request))))
        demand(canonical(request).join() === before, `the effect of ${print(request)} has changed its request`)
        demand(canonical(rule.express(value)).join() === before, `the effect of ${print(request)} has changed the value it was given`)
      }
    }
  },
  {
    name: 'ends when its signal has fired',
    needs: ['aborted'],
    async run ({ grammar, requests, aborted }) {
      for (const request of requests) {
        const { effect, value } = effectOf(grammar, request)
        demand(aborted !== undefined, 'the setup has no aborted()')
        // it may answer or throw; a runner's own time limit catches one that hangs
        await Promise.allSettled([effect.run(value, effectContext(aborted(request)))])
      }
    }
  }
]

function effectOf (grammar: Grammar, request: Predicate): { rule: TagRule<unknown>, effect: Effect<unknown>, value: unknown } {
  const rule = grammar.rule(request.tag)
  demand(rule?.effect !== undefined, `${request.tag} asks for nothing`)
  return { rule, effect: rule.effect, value: rule.parse(request) }
}

function isFact (request: Predicate, verdict: Verdict | undefined): void {
  if (verdict !== undefined) {
    demand(Number.isSafeInteger(verdict.ttl) && verdict.ttl >= 1, `the verdict on ${print(request)} has no life of whole seconds`)
    const body = Dict.from([['facts', Dict.from([[request, new Predicate(SET, [new Predicate(TTL, [verdict.verdict, BigInt(verdict.ttl)])])]])]])
    const expires = verdict.ttl * 1000
    checkUpdate({ seq: 0, hash: '0'.repeat(64), expires, retain: expires, body })
  }
}

/** All that a context shows, as text. */
function picture ({ key, writer, now, self, observed, record }: EffectContext): string {
  const bytes = (node: Node): string => canonical(node).join()
  return JSON.stringify([key.join(), writer, now, self, observed ?? '', Array.from(record, ([id, document]) => [id, bytes(document)])])
}
