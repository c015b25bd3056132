import { type Effect, type EffectContext, effectContext, type Verdict } from '@sr/ir'
import type { Clock } from '../time/clock.ts'

/**
 * How an effect ended. Only a verdict becomes a fact: the others tell of this machine, not of the request.
 *
 * - `declined`: it returned undefined, a refusal by policy
 * - `rate`: the machine did not permit its action
 * - `failed`: it threw
 * - `timeout`: it gave no result in time
 * - `cancelled`: it was stopped
 */
export type Outcome = { readonly verdict: Verdict } | 'declined' | 'rate' | 'failed' | 'timeout' | 'cancelled'

/** An effect that runs. */
export interface Run {
  /** never rejects */
  readonly outcome: Promise<Outcome>
  /** Aborts its signal; the outcome is `cancelled` at once. */
  stop(): void
}

/** Limits of one run. */
export interface RunLimits {
  readonly clock: Clock
  /** longest time without a result, milliseconds */
  readonly ms: number
  /** Takes one external action from the rates; returns whether they allow it. */
  readonly take: () => boolean
}

/** Runs an effect for up to `ms`; the outcome is there by then, even if the effect ignores its signal. */
export function runEffect(
  effect: Effect<unknown>,
  value: unknown,
  context: Omit<EffectContext, 'signal' | 'permit'>,
  { clock, ms, take }: RunLimits,
): Run {
  const controller = new AbortController()
  const { signal } = controller
  const { promise: ended, resolve: end } = Promise.withResolvers<Outcome>()
  const cancel = clock.after(ms, () => {
    end('timeout')
    controller.abort(new DOMException(`the effect has not answered in ${ms} ms`, 'TimeoutError'))
  })
  let refused = false
  const permit = (): void => {
    if (!take()) {
      refused = true
      throw new Error('the rates of this machine allow no external action now')
    }
  }
  const answer = async (): Promise<Outcome> => {
    try {
      const verdict = await effect.run(value, effectContext({ ...context, signal, permit }))
      return verdict === undefined ? 'declined' : { verdict }
    } catch {
      return refused ? 'rate' : 'failed'
    }
  }
  const stop = (): void => {
    end('cancelled')
    controller.abort(new DOMException('the request was withdrawn, or the machine closes', 'AbortError'))
  }
  return { outcome: Promise.race([ended, answer()]).finally(cancel), stop }
}
