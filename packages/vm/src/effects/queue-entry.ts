import type { Node } from '@sr/xr'
import type { EffectRequest } from './requests.ts'

/** The part of a verdict's life after which the effect runs again, while a statement still requests it. */
const REFRESH_AT = 0.9

/**
 * Where a request is in the queue; the table of what moves it is in the README.
 *
 * - `queued`: a requester waits for a slot
 * - `running`: one requester is served
 * - `answered`: its fact is stated; the effect runs again before the verdict ends
 * - `revoked`: no statement requests it and its fact is removed; the verdict is kept for the next requester
 * - `watching`: it has no fact; the effect runs again when the record changes
 * - `dropped`: the queue does not have it
 */
export type RequestState = 'queued' | 'running' | 'answered' | 'revoked' | 'watching' | 'dropped'

/** A writer with a statement that requests an effect. */
export interface Requester {
  readonly writer: string
  readonly observedAddr: string | undefined
  /** when its statement expires, milliseconds since 1970 */
  readonly expires: number
}

/** A fact as stated; times in milliseconds since 1970. */
export interface Fact {
  readonly verdict: Node
  readonly createdAt: number
  /** when the verdict ends */
  readonly until: number
  /** when the fact expires: with the verdict, or earlier with the statement that requested it */
  readonly expires: number
}

/** One request in one record. */
export interface QueueEntry {
  /** of the record and the request */
  readonly id: string
  readonly record: string
  readonly request: EffectRequest
  state: RequestState
  /** requesters that are not served yet, one per writer */
  readonly waiting: Requester[]
  /** by writer, the requesters that were served; they are served again when the verdict ends */
  readonly served: Map<string, Requester>
  fact: Fact | undefined
  /** the writer whose quota pays for the fact stated last */
  chargedTo: string | undefined
  /** the record has changed since the effect saw it, and the effect depends on that */
  outdated: boolean
  /** resolves when no requester waits; undefined unless queued or running */
  done: PromiseWithResolvers<void> | undefined
  /** the writer that is served, and how to stop the effect; undefined unless running */
  current: { readonly writer: string; stop?: () => void } | undefined
}

/** The id of an entry: record ids have no spaces. */
export function entryId(record: string, requestId: string): string {
  return `${record} ${requestId}`
}

/** The fact, if its verdict is still valid. */
export function validFact({ fact }: QueueEntry, now: number): Fact | undefined {
  return fact !== undefined && fact.until > now ? fact : undefined
}

/** Whether a fact would last longer for this requester than it does, with the same verdict. */
export function extendsFact(requester: Requester, fact: Fact): boolean {
  return Math.min(fact.until, requester.expires) > fact.expires
}

/** The state of an entry without waiting requesters. */
export function restingState({ fact, served, request }: QueueEntry): RequestState {
  if (fact !== undefined) {
    return 'answered'
  }
  return request.effect.onChange === true && served.size > 0 ? 'watching' : 'dropped'
}

/** When an entry at rest is to be served again or dropped, milliseconds since 1970; undefined when it is not at rest. */
export function nextCheck({ state, fact, outdated, served }: QueueEntry): number | undefined {
  if (outdated && state !== 'queued' && state !== 'running') {
    return 0
  }
  if (state === 'watching') {
    return Math.min(...Array.from(served.values(), ({ expires }) => expires))
  }
  if ((state !== 'answered' && state !== 'revoked') || fact === undefined) {
    return undefined
  }
  // a fact that expires before its verdict has no live statement: then only the verdict's memory is to be dropped
  const { createdAt, until, expires } = fact
  return expires < until ? until : createdAt + (until - createdAt) * REFRESH_AT
}
