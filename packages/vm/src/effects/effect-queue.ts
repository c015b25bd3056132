import { yieldToEventLoop } from '@sr/runtime'
import type { Counters } from '../counters.ts'
import type { MachineLimits } from '../limits.ts'
import type { Clock } from '../time/clock.ts'
import type { EffectiveTime } from '../time/effective-time.ts'
import { ExpiryTimer } from '../time/expiry-timer.ts'
import {
  addEnd,
  defer,
  entryId,
  extendsFact,
  joined,
  newEntry,
  nextCheck,
  type QueueEntry,
  refreshAt,
  type Requester,
  type RequestState,
  restingState,
  takeRequester,
  validFact,
} from './queue-entry.ts'
import type { EffectRequest } from './requests.ts'

/** What a queue works with. */
export interface EffectQueueInit {
  readonly limits: MachineLimits
  readonly clock: Clock
  readonly time: EffectiveTime
  readonly counters: Counters
  /** Serves one requester of an entry; sets its `fact`, `served` and `current`. Returns whether to try again later. */
  readonly serve: (entry: QueueEntry, requester: Requester) => Promise<boolean>
  /** Called when a statement that requested a stated fact has expired. */
  readonly onEnd: (record: string) => void
}

/** The requests of all records, each in one state. Requesters of the same request share its entry and its verdict. */
export class EffectQueue {
  readonly #init: EffectQueueInit
  readonly #entries = new Map<string, QueueEntry>()
  /** record → entries whose effects run again when it changes */
  readonly #observers = new Map<string, Set<QueueEntry>>()
  readonly #queue: QueueEntry[] = []
  readonly #running = new Set<QueueEntry>()
  readonly #wanted = new Set<QueueEntry>()
  /** visits entries at rest */
  readonly #timer: ExpiryTimer
  #closed = false

  constructor(init: EffectQueueInit) {
    this.#init = init
    this.#timer = new ExpiryTimer(init.clock, init.time, async (id, now) => this.#check(id, now))
    this.#timer.start()
  }

  /** Adds a requester. Resolves when all requesters of that request are served or deferred, or this one is not to be served. */
  async enqueue(record: string, request: EffectRequest, given: Requester): Promise<void> {
    const { counters, limits, time } = this.#init
    if (this.#closed) {
      return
    }
    const entry = this.#entries.get(entryId(record, request.id)) ?? newEntry(record, request)
    const { now } = time.read()
    const fact = validFact(entry, now)
    const requester = joined(takeRequester(entry, given.writer), given)
    addEnd(entry, given.expires)
    if (entry.done !== undefined) {
      counters.add('effects.coalesced')
    } else if (fact !== undefined && !extendsFact(requester, fact)) {
      counters.add('effects.cached')
      entry.served.set(requester.writer, requester)
      this.#timer.schedule(entry.id, given.expires)
      return
    } else if (this.#queue.length >= limits.effectsWaiting) {
      this.#postpone(entry, [requester], now)
      return
    }
    entry.waiting.push(requester)
    if (entry.done === undefined) {
      this.#move(entry, fact === undefined ? 'queued' : 'refreshing')
    }
    const done = entry.done?.promise
    this.#drain()
    await done
  }

  /** The entries of a record that run now. */
  running(record: string): QueueEntry[] {
    return [...this.#running].filter((entry) => entry.record === record)
  }

  /** Has the effects run again that depend on the record. */
  changed(record: string): void {
    const { now } = this.#init.time.read()
    for (const entry of this.#observers.get(record) ?? []) {
      entry.outdatedAt = now
      this.#timer.schedule(entry.id, now)
    }
  }

  /** A fact is being revoked: its verdict is kept until it ends. Returns the writer that paid for the fact. */
  revoked(record: string, requestId: string, now: number): string | undefined {
    const entry = this.#entries.get(entryId(record, requestId))
    if (entry?.fact !== undefined) {
      entry.fact = { ...entry.fact, expires: now }
    }
    if (entry?.state === 'answered') {
      this.#move(entry, 'revoked')
    }
    return entry?.chargedTo
  }

  /** Stops what runs, and starts nothing from now on. */
  close(): void {
    this.#closed = true
    this.#timer.stop()
    for (const entry of this.#queue.splice(0)) {
      this.#move(entry, 'dropped')
    }
    for (const { current } of this.#running) {
      current?.stop?.()
    }
  }

  /** The only place that changes the state of an entry. What an entry at rest waits for is scheduled here. */
  #move(entry: QueueEntry, to: RequestState): void {
    entry.state = to
    this.#running.delete(entry)
    this.#wanted.delete(entry)
    switch (to) {
      case 'queued':
      case 'refreshing':
        this.#track(entry)
        entry.done ??= Promise.withResolvers<void>()
        this.#queue.push(entry)
        return
      case 'running':
        this.#running.add(entry)
        return
      case 'wanted':
        this.#track(entry)
        this.#wanted.add(entry)
        break
      case 'dropped':
        this.#untrack(entry)
    }
    entry.done?.resolve()
    entry.done = undefined
    const next = nextCheck(entry)
    if (next !== undefined) {
      this.#timer.schedule(entry.id, next)
    }
  }

  #drain(): void {
    while (this.#running.size < this.#init.limits.effectsAtOnce) {
      const at = this.#queue.findIndex((entry) => this.#hasSlot(entry))
      const [entry] = at === -1 ? [] : this.#queue.splice(at, 1)
      const requester = entry?.waiting.shift()
      if (entry === undefined || requester === undefined) {
        return
      }
      void this.#run(entry, requester)
    }
  }

  /** Whether the first requester of an entry has a slot: external effects have few per writer. */
  #hasSlot({ request, waiting }: QueueEntry): boolean {
    if (!request.effect.external) {
      return true
    }
    const writer = waiting[0]?.writer
    const same = [...this.#running].filter((other) => other.request.effect.external && other.current?.writer === writer)
    return same.length < this.#init.limits.externalConcurrencyPerWriter
  }

  /** Serves one requester; the entry queues again for the next one. Never rejects. */
  async #run(entry: QueueEntry, requester: Requester): Promise<void> {
    const { counters, time, serve } = this.#init
    this.#move(entry, 'running')
    entry.current = { writer: requester.writer }
    let again = true
    try {
      again = await serve(entry, requester)
    } catch {
      counters.add('effects.failed')
    }
    entry.current = undefined
    const { now } = time.read()
    if (again && !this.#closed) {
      defer(entry, requester, now)
    } else if (validFact(entry, now) !== undefined) {
      entry.attempts = 0
    }
    if (this.#closed) {
      this.#move(entry, 'dropped')
    } else if (entry.waiting.length > 0) {
      this.#move(entry, validFact(entry, now) === undefined ? 'queued' : 'refreshing')
    } else {
      this.#move(entry, restingState(entry))
    }
    if (this.#queue.length > 0) {
      await yieldToEventLoop()
    }
    this.#drain()
  }

  /** Plans another attempt for requesters that have no place in the queue; drops them when too many requests wait already. */
  #postpone(entry: QueueEntry, requesters: readonly Requester[], now: number): void {
    const { counters, limits } = this.#init
    if (entry.state === 'dropped' && this.#wanted.size >= limits.effectsWaiting) {
      counters.add('effects.dropped', requesters.length)
      return
    }
    counters.add('effects.deferred', requesters.length)
    for (const requester of requesters) {
      defer(entry, requester, now)
    }
    this.#move(entry, entry.state === 'answered' ? 'answered' : 'wanted')
  }

  #track(entry: QueueEntry): void {
    this.#entries.set(entry.id, entry)
    if (entry.request.effect.onChange === true) {
      const observers = this.#observers.get(entry.record) ?? new Set()
      this.#observers.set(entry.record, observers.add(entry))
    }
  }

  #untrack(entry: QueueEntry): void {
    this.#entries.delete(entry.id)
    const observers = this.#observers.get(entry.record)
    observers?.delete(entry)
    if (observers?.size === 0) {
      this.#observers.delete(entry.record)
    }
  }

  /** Queues an entry again for the requesters whose statements have not expired, or drops it. Returns when to check it again. */
  #check(id: string, now: number): number | undefined {
    const { counters, limits } = this.#init
    const entry = this.#entries.get(id)
    const next = entry === undefined ? undefined : nextCheck(entry)
    // an entry that is queued or running is scheduled when it is at rest again
    if (entry === undefined || next === undefined || next > now) {
      return next
    }
    const { fact, outdatedAt, ends } = entry
    const passed = [...ends].filter((end) => end <= now)
    for (const end of passed) {
      ends.delete(end)
    }
    if (passed.length > 0 && entry.state === 'answered') {
      this.#init.onEnd(entry.record)
    }
    const due = [...entry.deferred.values()]
    entry.deferred.clear()
    if (outdatedAt <= now || fact === undefined || refreshAt(fact) <= now) {
      due.push(...entry.served.values())
      entry.served.clear()
      entry.fact = undefined
      entry.outdatedAt = Infinity
    }
    const live = due.filter(({ expires }) => expires > now)
    if (live.length === 0) {
      this.#move(entry, restingState(entry))
    } else if (this.#queue.length >= limits.effectsWaiting) {
      this.#postpone(entry, live, now)
    } else {
      counters.add('effects.renewed')
      entry.waiting.push(...live)
      this.#move(entry, fact === undefined ? 'queued' : 'refreshing')
      this.#drain()
    }
    return undefined
  }
}
