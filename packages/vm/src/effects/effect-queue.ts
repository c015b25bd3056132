import { yieldToEventLoop } from '@sr/runtime'
import type { Counters } from '../counters.ts'
import type { MachineLimits } from '../limits.ts'
import type { Clock } from '../time/clock.ts'
import type { EffectiveTime } from '../time/effective-time.ts'
import { ExpiryTimer } from '../time/expiry-timer.ts'
import {
  entryId,
  extendsFact,
  nextCheck,
  type QueueEntry,
  type Requester,
  type RequestState,
  restingState,
  validFact,
} from './queue-entry.ts'
import type { EffectRequest } from './requests.ts'

/** What a queue works with. */
export interface EffectQueueInit {
  readonly limits: MachineLimits
  readonly clock: Clock
  readonly time: EffectiveTime
  readonly counters: Counters
  /** Serves one requester of an entry; sets its `fact`, `served` and `current`. */
  readonly serve: (entry: QueueEntry, requester: Requester) => Promise<void>
}

/** The requests of all records, each in one state. Requesters of the same request share its entry and its verdict. */
export class EffectQueue {
  readonly #init: EffectQueueInit
  readonly #entries = new Map<string, QueueEntry>()
  /** record → entries whose effects run again when it changes */
  readonly #observers = new Map<string, Set<QueueEntry>>()
  readonly #queue: QueueEntry[] = []
  readonly #running = new Set<QueueEntry>()
  /** visits entries at rest */
  readonly #timer: ExpiryTimer
  #closed = false

  constructor(init: EffectQueueInit) {
    this.#init = init
    this.#timer = new ExpiryTimer(init.clock, init.time, async (id, now) => this.#check(id, now))
    this.#timer.start()
  }

  /** Adds a requester. Resolves when all requesters of that request are served, or this one is not to be. */
  async enqueue(record: string, request: EffectRequest, requester: Requester): Promise<void> {
    const { counters, limits, time } = this.#init
    if (this.#closed) {
      return
    }
    const entry = this.#entries.get(entryId(record, request.id)) ?? newEntry(record, request)
    const fact = validFact(entry, time.read().now)
    if (entry.done !== undefined) {
      counters.add('effects.coalesced')
    } else if (fact !== undefined && !extendsFact(requester, fact)) {
      counters.add('effects.cached')
      entry.served.set(requester.writer, requester)
      return
    } else if (this.#queue.length >= limits.effectsWaiting) {
      counters.add('effects.dropped')
      return
    }
    const same = entry.waiting.findIndex(({ writer }) => writer === requester.writer)
    entry.waiting.splice(same === -1 ? entry.waiting.length : same, 1, requester)
    if (entry.done === undefined) {
      this.#move(entry, 'queued')
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
      entry.outdated = true
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
      this.#move(entry, restingState(entry))
    }
    for (const { current } of this.#running) {
      current?.stop?.()
    }
  }

  /** The only place that changes the state of an entry. What an entry at rest waits for is scheduled here. */
  #move(entry: QueueEntry, to: RequestState): void {
    entry.state = to
    this.#running.delete(entry)
    switch (to) {
      case 'queued':
        this.#track(entry)
        entry.done ??= Promise.withResolvers<void>()
        this.#queue.push(entry)
        return
      case 'running':
        this.#running.add(entry)
        return
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
    this.#move(entry, 'running')
    entry.current = { writer: requester.writer }
    try {
      await this.#init.serve(entry, requester)
    } catch {
      this.#init.counters.add('effects.failed')
    }
    entry.current = undefined
    this.#move(entry, entry.waiting.length > 0 && !this.#closed ? 'queued' : restingState(entry))
    if (this.#queue.length > 0) {
      await yieldToEventLoop()
    }
    this.#drain()
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
    const entry = this.#entries.get(id)
    const next = entry === undefined ? undefined : nextCheck(entry)
    // an entry that is queued or running is scheduled when it is at rest again
    if (entry === undefined || next === undefined || next > now) {
      return next
    }
    entry.fact = undefined
    entry.outdated = false
    entry.waiting.push(...[...entry.served.values()].filter(({ expires }) => expires > now))
    entry.served.clear()
    if (entry.waiting.length > 0 && this.#queue.length < this.#init.limits.effectsWaiting) {
      this.#init.counters.add('effects.renewed')
      this.#move(entry, 'queued')
      this.#drain()
    } else {
      this.#move(entry, 'dropped')
    }
    return undefined
  }
}

function newEntry(record: string, request: EffectRequest): QueueEntry {
  return {
    id: entryId(record, request.id),
    record,
    request,
    state: 'dropped',
    waiting: [],
    served: new Map(),
    fact: undefined,
    chargedTo: undefined,
    outdated: false,
    done: undefined,
    current: undefined,
  }
}
