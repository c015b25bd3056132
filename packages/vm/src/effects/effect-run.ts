import { type Effect, type EffectContext, effectContext, type Verdict } from '@sr/ir'
import type { Clock } from '../time/clock.ts'

/** How long before the end an effect's signal fires, so that it can still answer: who does not pick up in time has answered, too. */
const LAST_CALL_MS = 500

/** What came of an effect. A number of them say nothing of the request: those are no facts. */
export type Outcome =
  | { readonly verdict: Verdict }
  /** refused by policy */
  | 'declined'
  /** it threw, or said what is no verdict */
  | 'failed'
  /** the time was up and it did not answer */
  | 'timeout'
  /** the statement that asked is gone, or the machine closes */
  | 'gone'

/** An effect under way. */
export interface Run {
  /** never rejects */
  readonly outcome: Promise<Outcome>
  /** Gives it up: its signal fires, and what it answers is not waited for. */
  stop(): void
}

/** Runs an effect for up to `ms`. Whatever it does, the outcome comes by then. */
export function runEffect(
  effect: Effect<unknown>,
  value: unknown,
  context: Omit<EffectContext, 'signal'>,
  ms: number,
  clock: Clock,
): Run {
  const controller = new AbortController()
  const { promise: given, resolve: give } = Promise.withResolvers<Outcome>()
  const lastCall = clock.after(Math.max(0, ms - LAST_CALL_MS), () => {
    controller.abort(new DOMException('the time for this effect is up', 'TimeoutError'))
  })
  const end = clock.after(ms, () => {
    give('timeout')
  })
  const stop = (): void => {
    controller.abort(new DOMException('nobody waits for this effect any more', 'AbortError'))
    give('gone')
  }
  const answer = async (): Promise<Outcome> => {
    try {
      const verdict = await effect.run(value, effectContext({ ...context, signal: controller.signal }))
      return verdict === undefined ? 'declined' : { verdict }
    } catch {
      return controller.signal.aborted ? 'timeout' : 'failed'
    }
  }
  const outcome = Promise.race([answer(), given]).finally(() => {
    lastCall()
    end()
  })
  return { outcome, stop }
}
