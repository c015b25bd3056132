import { type Effect, type EffectContext, effectContext, type Verdict } from '@sr/ir'
import type { Clock } from '../time/clock.ts'

/** How long before its time is up an effect's signal aborts, milliseconds: an effect may take that for an answer, such as "not reachable". */
const ABORT_LEAD_MS = 500

/**
 * How an effect ended. Only a verdict becomes a fact: the others tell of this machine, not of the request.
 *
 * - `declined`: it returned undefined, a refusal by policy
 * - `failed`: it threw
 * - `timeout`: it did not answer in time
 * - `cancelled`: it was stopped
 */
export type Outcome = { readonly verdict: Verdict } | 'declined' | 'failed' | 'timeout' | 'cancelled'

/** An effect that runs. */
export interface Run {
  /** never rejects */
  readonly outcome: Promise<Outcome>
  /** Aborts its signal; the outcome is `cancelled` at once. */
  stop(): void
}

/** Runs an effect for up to `ms`; the outcome is there by then, even if the effect ignores its signal. */
export function runEffect(
  effect: Effect<unknown>,
  value: unknown,
  context: Omit<EffectContext, 'signal'>,
  ms: number,
  clock: Clock,
): Run {
  const controller = new AbortController()
  const { promise: ended, resolve: end } = Promise.withResolvers<Outcome>()
  const cancelAbort = clock.after(Math.max(0, ms - ABORT_LEAD_MS), () => {
    controller.abort(new DOMException(`the effect has not answered in ${ms - ABORT_LEAD_MS} ms`, 'TimeoutError'))
  })
  const cancelEnd = clock.after(ms, () => {
    end('timeout')
  })
  const answer = async (): Promise<Outcome> => {
    try {
      const verdict = await effect.run(value, effectContext({ ...context, signal: controller.signal }))
      return verdict === undefined ? 'declined' : { verdict }
    } catch {
      return controller.signal.aborted ? 'timeout' : 'failed'
    }
  }
  const outcome = Promise.race([answer(), ended]).finally(() => {
    cancelAbort()
    cancelEnd()
  })
  const stop = (): void => {
    controller.abort(new DOMException('the request was withdrawn, or the machine closes', 'AbortError'))
    end('cancelled')
  }
  return { outcome, stop }
}
