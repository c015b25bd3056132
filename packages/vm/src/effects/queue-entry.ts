import type { Node } from '@sr/xr'
import type { EffectRequest } from './requests.ts'

/** The part of a verdict's life after which the effect runs again, while a statement still requests it. */
const REFRESH_AT = 0.9

/** Times from one attempt without a verdict to the next, milliseconds; the last one repeats. */
const RETRY_MS: readonly number[] = [5_000, 30_000, 120_000, 600_000]

/**
 * Where a request is; the README has the table of what moves it.
 *
 * - `wanted`: it has no verdict, and waits for the next attempt or for a change of the record
 * - `queued`: a requester waits for a slot
 * - `running`: one requester is served
 * - `answered`: its fact is stated; the effect runs again before the verdict ends
 * - `refreshing`: its fact stands, and a requester waits for a slot
 * - `revoked`: no statement requests it and its fact is removed; the verdict is kept for the next requester
 * - `dropped`: the queue does not have it
 */
export type RequestState = 'wanted' | 'queued' | 'running' | 'answered' | 'refreshing' | 'revoked' | 'dropped'

/** A writer with a statement that requests an effect. */
export interface Requester {
  readonly writer: string
  readonly observedAddr: string | undefined
  /** whether it handed the statement in itself; else the fact stays on this machine, so that not every holder's facts are copied to every holder */
  readonly fromAuthor: boolean
  /** when the last of its statements expires, milliseconds since 1970 */
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

/** One request in one record. A requester is in one of `waiting`, `served` and `deferred`. */
export interface QueueEntry {
  /** of the record and the request */
  readonly id: string
  readonly record: string
  readonly request: EffectRequest
  state: RequestState
  /** requesters to be served next, one per writer */
  readonly waiting: Requester[]
  /** by writer, the requesters that were served; they are served again when the verdict ends */
  readonly served: Map<string, Requester>
  /** by writer, the requesters that got no verdict for a reason of this machine; they are served again at `retryAt` */
  readonly deferred: Map<string, Requester>
  retryAt: number
  /** ends of statements: then the fact is revoked if no statement is left, also where one was replaced by a shorter one */
  readonly ends: Set<number>
  /** attempts without a verdict since the last one */
  attempts: number
  fact: Fact | undefined
  /** the writer whose quota pays for the fact stated last */
  chargedTo: string | undefined
  /** when the record changes by expiry or has changed since the effect saw it, if the effect depends on that; else Infinity */
  outdatedAt: number
  /** resolves when no requester waits; undefined unless queued, refreshing or running */
  done: PromiseWithResolvers<void> | undefined
  /** the writer that is served, and how to stop the effect; undefined unless running */
  current: { readonly writer: string; stop?: () => void } | undefined
}

/** The id of an entry: record ids have no spaces. */
export function entryId(record: string, requestId: string): string {
  return `${record} ${requestId}`
}

export function newEntry(record: string, request: EffectRequest): QueueEntry {
  return {
    id: entryId(record, request.id),
    record,
    request,
    state: 'dropped',
    waiting: [],
    served: new Map(),
    deferred: new Map(),
    retryAt: Infinity,
    ends: new Set(),
    attempts: 0,
    fact: undefined,
    chargedTo: undefined,
    outdatedAt: Infinity,
    done: undefined,
    current: undefined,
  }
}

/** A writer's request that adds to an earlier one: it lasts as long as the longer statement. */
export function joined(earlier: Requester | undefined, later: Requester): Requester {
  return earlier === undefined
    ? later
    : {
        writer: later.writer,
        observedAddr: later.observedAddr ?? earlier.observedAddr,
        fromAuthor: later.fromAuthor || earlier.fromAuthor,
        expires: Math.max(earlier.expires, later.expires),
      }
}

/** Removes a writer from the entry, wherever it is; returns it as a requester. */
export function takeRequester({ waiting, served, deferred }: QueueEntry, writer: string): Requester | undefined {
  const at = waiting.findIndex((requester) => requester.writer === writer)
  const found = at === -1 ? (served.get(writer) ?? deferred.get(writer)) : waiting.splice(at, 1)[0]
  served.delete(writer)
  deferred.delete(writer)
  return found
}

/** Most ends of statements kept for a request: more do not make its fact end earlier than its verdict. */
const MAX_ENDS = 16

/** Keeps the end of a statement. */
export function addEnd({ ends }: QueueEntry, end: number): void {
  if (ends.size < MAX_ENDS) {
    ends.add(end)
  }
}

/** Plans another attempt for a requester. */
export function defer(entry: QueueEntry, requester: Requester, now: number): void {
  if (entry.deferred.size === 0) {
    entry.retryAt = now + (RETRY_MS[Math.min(entry.attempts, RETRY_MS.length - 1)] as number)
    entry.attempts++
  }
  entry.served.delete(requester.writer)
  entry.deferred.set(requester.writer, requester)
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
export function restingState({ fact, served, deferred, request }: QueueEntry): RequestState {
  if (fact !== undefined) {
    return 'answered'
  }
  return deferred.size > 0 || (request.effect.onChange === true && served.size > 0) ? 'wanted' : 'dropped'
}

/** When an entry at rest is to be served again or dropped, milliseconds since 1970; undefined when it is not at rest. */
export function nextCheck({
  state,
  fact,
  outdatedAt,
  served,
  deferred,
  retryAt,
  ends,
}: QueueEntry): number | undefined {
  if (state !== 'wanted' && state !== 'answered' && state !== 'revoked') {
    return undefined
  }
  const retry = deferred.size > 0 ? retryAt : Infinity
  const own = fact === undefined ? Array.from(served.values(), ({ expires }) => expires) : [refreshAt(fact)]
  return Math.min(outdatedAt, retry, ...own, ...ends)
}

/** When the effect of a fact is to run again, or its verdict is to be dropped. */
export function refreshAt({ createdAt, until, expires }: Fact): number {
  // a fact that expires before its verdict has no live statement: then only the verdict's memory is to be dropped
  return expires < until ? until : createdAt + (until - createdAt) * REFRESH_AT
}
