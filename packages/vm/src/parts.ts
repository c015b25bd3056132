import { createGrammar, type Grammar } from '@sr/ir'
import { EventLoopBudget } from '@sr/runtime'
import { Admission } from './admission/admission.ts'
import { createStamp } from './admission/stamper.ts'
import type { Calls } from './calls.ts'
import { Counters } from './counters.ts'
import { Effects } from './effects/effects.ts'
import { Feed } from './feed/feed.ts'
import { type MachineLimits, machineLimits } from './limits.ts'
import type { MachineInit } from './machine.ts'
import { Reads } from './query/reads.ts'
import { RecordLoader } from './records/record-loader.ts'
import { nextExpiry } from './records/record-state.ts'
import type { Committed } from './records/records-init.ts'
import { Records } from './records/records.ts'
import { UsageTracker } from './records/usage-tracker.ts'
import { memoryStore } from './store/memory-store.ts'
import type { DamagedEntry, Store, StoreIndex } from './store/store.ts'
import { StoreCalls } from './store/store-calls.ts'
import { type Clock, systemClock } from './time/clock.ts'
import { EffectiveTime } from './time/effective-time.ts'
import { ExpirySweep, type Visit } from './time/expiry-sweep.ts'
import { ExpiryTimer } from './time/expiry-timer.ts'
import { TimeSaver } from './time/time-saver.ts'
import { Watches } from './watch/watches.ts'

/** Time between two attempts to delete what has expired in a record, milliseconds. */
const RETRY_MS = 60_000

/** Slots that are shown, pruned or read from the store in one turn of the event loop: 2 to 7 ms. */
const SLOTS_PER_TURN = 10_000

/** Length of an epoch, bytes. */
const EPOCH_BYTES = 8

/** Creates the parts of a machine and connects them. Nothing runs yet. */
export class MachineParts {
  readonly self: string
  readonly limits: MachineLimits
  readonly grammar: Grammar
  readonly clock: Clock
  readonly time: EffectiveTime
  readonly store: Store
  readonly storeCalls: StoreCalls
  readonly saver: TimeSaver
  readonly counters: Counters
  readonly usage: UsageTracker
  readonly watches: Watches
  readonly loader: RecordLoader
  readonly records: Records
  readonly reads: Reads
  readonly admission: Admission
  readonly effects: Effects
  readonly timer: ExpiryTimer
  readonly sweep: ExpirySweep
  readonly feed: Feed
  readonly #calls: Calls
  readonly #budget = new EventLoopBudget(SLOTS_PER_TURN)

  constructor(init: MachineInit, calls: Calls) {
    const { self, updates: codec, store = memoryStore(), clock = systemClock(), random = Math.random, meter } = init
    const limits = machineLimits(init.limits)
    const time = new EffectiveTime(clock)
    const counters = new Counters(init.metrics)
    const storeCalls = new StoreCalls(clock, limits.storeTimeoutMs)
    const usage = new UsageTracker({
      usage: (writer) => storeCalls.wait('to read usage', () => store.usage(writer)),
      totals: () => storeCalls.wait('to count', () => store.totals()),
    })
    const epoch = Uint8Array.from({ length: EPOCH_BYTES }, () => Math.floor(random() * 256))
    this.#calls = calls
    this.feed = new Feed(epoch)
    this.self = self
    this.limits = limits
    this.grammar = init.grammar ?? createGrammar([])
    this.clock = clock
    this.time = time
    this.store = store
    this.storeCalls = storeCalls
    this.saver = new TimeSaver({ store, clock, time, counters })
    this.counters = counters
    this.usage = usage
    this.timer = new ExpiryTimer(clock, time, this.#expire.bind(this), () => time.final)
    this.sweep = new ExpirySweep({
      store,
      calls: storeCalls,
      clock,
      time,
      visitor: this.#visitor.bind(this),
      onFailed: this.#expiryFailed.bind(this),
    })
    this.watches = this.#createWatches(epoch)
    this.loader = new RecordLoader({
      store,
      calls: storeCalls,
      codec,
      budget: this.#budget,
      onResumed: (id, { writer, content }, live) => {
        this.effects.resume(id, writer, content, live)
      },
      onDamaged: this.#damaged.bind(this),
    })
    this.records = this.#createRecords(epoch)
    this.reads = new Reads(this.records, this.loader, time)
    this.admission = new Admission({
      self,
      limits,
      codec,
      stamp: createStamp(self, codec, time, random),
      records: this.records,
      usage,
      time,
      budget: this.#budget,
      meter,
      isResumed: (content) => this.effects.isResumed(content),
    })
    this.effects = this.#createEffects()
  }

  /** Has the effects of a record looked at again after it changed. */
  changed(id: string): void {
    this.effects.changed(id).catch(() => {
      this.counters.add('effects.failed')
    })
  }

  #createWatches(epoch: Uint8Array): Watches {
    const { clock, time, limits } = this
    return new Watches({
      clock,
      time,
      epoch,
      maxWatches: limits.watches,
      maxChanges: limits.changesPerRecord,
      nextCounter: () => this.records.nextCounter(),
      onDue: (id) => {
        const notice = this.records.use(id, this.records.noticeExpiry.bind(this.records))
        notice.catch((cause: unknown) => {
          this.#expiryFailed(cause)
          this.watches.retry(id)
        })
      },
    })
  }

  #createRecords(epoch: Uint8Array): Records {
    const { store, storeCalls: calls, time, usage, loader, watches, timer, limits } = this
    return new Records({
      store,
      calls,
      time,
      usage,
      loader,
      watches,
      budget: this.#budget,
      epoch,
      cacheBytes: limits.cacheBytes,
      maxWaiting: limits.waitersPerRecord,
      scheduleExpiry: timer.schedule.bind(timer),
      onLeave: timer.forget.bind(timer),
      onCommitted: this.#committed.bind(this),
      onUncertain: this.#uncertain.bind(this),
    })
  }

  #createEffects(): Effects {
    const { self, limits, time, usage, grammar, clock, counters, records, admission } = this
    return new Effects({
      self,
      limits,
      time,
      usage,
      grammar,
      clock,
      counters,
      records: {
        show: async (id) =>
          await records.use(id, async (record) => {
            await records.prepare(record)
            return records.snapshot(record).documents
          }),
        writeOwn: admission.writeOwn.bind(admission),
        hasOwn: (id) => records.peek(id)?.documents.has(self) === true,
      },
    })
  }

  /** Follows the store: the expiry of what was put, and the readers of the feed. */
  #committed({ put, dropped, via }: Committed): void {
    for (const one of dropped) {
      this.feed.append('drop', one, via)
    }
    if (put !== undefined) {
      this.feed.append('put', put, via)
      this.sweep.note(put.record, put.retain)
    }
    this.feed.wake()
  }

  /** A commit failed that may have had its effect: followers of the store catch up from its index, and watchers are shown what it has. */
  #uncertain(id: string, put: StoreIndex | undefined): void {
    this.feed.interrupt()
    if (put !== undefined) {
      this.sweep.note(id, put.retain)
    }
    this.sweep.wake()
    if (this.watches.isWatched(id)) {
      this.watches.retry(id)
    }
  }

  /** Deletes what has expired in a record that is in memory; returns when to do so again. */
  async #expire(id: string, now: number): Promise<number | undefined> {
    try {
      const { deleted, next } = await this.records.use(id, async (record) => ({
        deleted: await this.records.expire(record, now),
        next: nextExpiry(record, now),
      }))
      this.counters.add('gc.dropped', deleted)
      this.changed(id)
      return next
    } catch (cause) {
      this.#expiryFailed(cause)
      return now + RETRY_MS
    }
  }

  /** Returns what deletes expired records that the store lists from now on. */
  #visitor(): Visit {
    const { left } = this.records
    return async (id, now, entries) => {
      const { deleted, again } = await this.records.expireStored(id, now, { entries, left })
      this.counters.add('gc.dropped', deleted)
      this.changed(id)
      return again
    }
  }

  #expiryFailed(cause: unknown): void {
    this.counters.add('gc.failed')
    this.#calls.report({ type: 'expiry-failed', reason: cause instanceof Error ? cause.message : String(cause) })
  }

  #damaged({ record, hash, reason }: DamagedEntry): void {
    this.records.discard(record)
    this.counters.add('store.damaged')
    this.#calls.report({ type: 'damaged', record, hash, reason })
  }
}
