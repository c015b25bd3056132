import type { Node } from '@sr/xr'
import type { Ask } from './asks.ts'
import type { Run } from './effect-run.ts'

/** The part of its life after which a fact is renewed, while the statement that asked still stands. */
const RENEW_AT = 0.9

/** A writer whose statement asks. */
export interface Asker {
  readonly writer: string
  readonly observed: string | undefined
  /** when its statement ends, milliseconds */
  readonly expires: number
}

/** A fact as stated; all in milliseconds. */
export interface Fact {
  readonly verdict: Node
  readonly stated: number
  /** when the verdict is worth nothing any more */
  readonly until: number
  /** when the fact ends: with the verdict, or before with the statement that asked */
  readonly expires: number
}

/** One request in one record, while somebody waits for it or its verdict is good. */
export interface Job {
  readonly id: string
  readonly record: string
  readonly key: Uint8Array
  readonly ask: Ask
  /** who is still to be served */
  readonly askers: Asker[]
  /** by writer, who was, and may be again when the fact ends */
  readonly served: Map<string, Asker>
  fact: Fact | undefined
  /** who paid for the fact last stated */
  payer: string | undefined
  /** the record has changed since the effect saw it, and the effect wants to know */
  stale: boolean
  /** settles when nobody is left to be served */
  turn: PromiseWithResolvers<void> | undefined
  /** whose turn it is now, and how to end it */
  current: { readonly writer: string; run: Run | undefined } | undefined
}

/** Whether the verdict of a fact is still good. */
export function isGood(fact: Fact | undefined, now: number): fact is Fact {
  return fact !== undefined && fact.until > now
}

/** Whether a fact would last longer for this asker than it does, though its verdict stays the same. */
export function gains(fact: Fact, asker: Asker): boolean {
  return Math.min(fact.until, asker.expires) > fact.expires
}

/**
 * When to look at a job again: at once when the record has changed; to renew its fact, or to forget
 * a verdict whose statement ended before it; or without a fact, while its effect waits for a change,
 * when the first of its askers is gone. Undefined when there is nothing to look for.
 */
export function nextLook({ fact, stale, served, ask }: Job): number | undefined {
  if (stale) {
    return 0
  }
  if (fact !== undefined) {
    const { stated, until, expires } = fact
    return expires < until ? until : stated + (until - stated) * RENEW_AT
  }
  return ask.effect.onChange === true && served.size > 0
    ? Math.min(...Array.from(served.values(), ({ expires }) => expires))
    : undefined
}
