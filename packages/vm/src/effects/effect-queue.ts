import type { Counters } from '../counters.ts'
import { yieldToEventLoop } from '../event-loop.ts'
import type { MachineLimits } from '../limits.ts'
import type { Clock } from '../time/clock.ts'
import type { EffectiveTime } from '../time/effective-time.ts'
import { ExpiryQueue } from '../time/expiry-queue.ts'
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

/** Time between two checks for entries that are due, milliseconds. */
const CHECK_INTERVAL_MS = 1000

/** Entries checked before other work runs. */
const BATCH_SIZE = 64

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
  readonly #due: ExpiryQueue
  #cancelCheck: (() => void) | undefined
  #closed = false

  constructor(init: EffectQueueInit) {
    this.#init = init
    this.#due = new ExpiryQueue(init.time.read().now)
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
    for (const entry of this.#observers.get(record) ?? []) {
      entry.outdated = true
      this.#due.schedule(entry.id, this.#init.time.read().now)
    }
    this.#scheduleCheck(CHECK_INTERVAL_MS)
  }

  /** A fact is being revoked: its verdict is kept until it ends. Returns the writer that paid for the fact. */
  revoked(record: string, requestId: string, now: number): string | undefined {
    const entry = this.#entries.get(entryId(record, requestId))
    if (entry?.fact === undefined) {
      return undefined
    }
    entry.fact = { ...entry.fact, expires: now }
    if (entry.state === 'answered') {
      this.#move(entry, 'revoked')
    }
    return entry.fact.chargedTo
  }

  /** Stops what runs, and starts nothing from now on. */
  close(): void {
    this.#closed = true
    this.#cancelCheck?.()
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
      this.#due.schedule(entry.id, next)
      this.#scheduleCheck(CHECK_INTERVAL_MS)
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

  #scheduleCheck(ms: number): void {
    if (this.#cancelCheck === undefined && !this.#closed && this.#due.size > 0) {
      this.#cancelCheck = this.#init.clock.after(ms, () => {
        this.#cancelCheck = undefined
        const more = this.#check()
        this.#scheduleCheck(more ? 0 : CHECK_INTERVAL_MS)
      })
    }
  }

  /** Queues the due entries again for requesters whose statements have not expired, and drops the others. Returns whether more may be due. */
  #check(): boolean {
    const { time, limits, counters } = this.#init
    const { now, confirmed } = time.read()
    const due = confirmed ? this.#due.take(now, BATCH_SIZE) : []
    for (const entry of due.flatMap((id) => this.#entries.get(id) ?? [])) {
      const next = nextCheck(entry)
      if (next === undefined) {
        continue // it is queued or running, and is scheduled when it ends
      }
      if (next > now) {
        this.#due.schedule(entry.id, next)
        continue
      }
      entry.fact = undefined
      entry.outdated = false
      entry.waiting.push(...[...entry.served.values()].filter(({ expires }) => expires > now))
      entry.served.clear()
      if (entry.waiting.length > 0 && this.#queue.length < limits.effectsWaiting) {
        counters.add('effects.renewed')
        this.#move(entry, 'queued')
        this.#drain()
      } else {
        this.#move(entry, 'dropped')
      }
    }
    return due.length === BATCH_SIZE
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
    outdated: false,
    done: undefined,
    current: undefined,
  }
}
