import { createGrammar, type ValidatedUpdate } from '@sr/ir'
import { raceSignal, yieldToEventLoop } from '@sr/runtime'
import { type AcceptedUpdate, Admission } from './admission/admission.ts'
import type { Receipt, SubmitOptions, UnsignedUpdate } from './admission/receipt.ts'
import { createStamp } from './admission/stamper.ts'
import { assertValid, validateKey } from './admission/validate.ts'
import { checkInit } from './check-init.ts'
import { type Counter, Counters } from './counters.ts'
import { Effects } from './effects/effects.ts'
import { VmError } from './errors.ts'
import { type MachineLimits, machineLimits } from './limits.ts'
import type { LocalMachine, MachineInit } from './machine.ts'
import { recordId } from './records/record-id.ts'
import { type DocumentView, nextExpiry, show } from './records/record-state.ts'
import { Records } from './records/records.ts'
import { type Usage, UsageTracker } from './records/usage-tracker.ts'
import { memoryStore } from './store/memory-store.ts'
import type { Store } from './store/store.ts'
import { StoreCalls } from './store/store-calls.ts'
import { type Clock, systemClock } from './time/clock.ts'
import { EffectiveTime, type Instant } from './time/effective-time.ts'
import { ExpiryTimer } from './time/expiry-timer.ts'
import { TimeSaver } from './time/time-saver.ts'

/** How long `close` waits for work under way, and then for the store, milliseconds: a store that hangs must not keep a process from ending. */
const CLOSE_MS = 5000

/** Time between two attempts to delete what has expired in a record, milliseconds. */
const RETRY_MS = 60_000

/** Codes of failures of this machine; the others refuse the update. */
const FAILURES: ReadonlySet<string> = new Set(['VM_INTERNAL', 'VM_STORAGE', 'VM_CORRUPT'])

/**
 * Creates a machine. Nothing runs before `start` and after `close`.
 *
 * @throws ConfigError for an option that is unknown, missing, of a wrong type or range, or that contradicts another
 * @example
 * ```ts
 * import { from, print } from '@sr/xr'
 * import { createMachine } from '@sr/vm'
 * import { plainUpdates } from '@sr/vm/testing'
 *
 * const machine = createMachine({ self: 'me', updates: plainUpdates('me') })
 * await machine.start()
 * const key = new TextEncoder().encode('lobby')
 * await machine.updateUnsigned({ key, writer: 'ann', body: from({ nick: 'Ann' }), ttl: 60 })
 * for (const [writer, view] of await machine.get(key)) {
 *   console.log(writer, print(view.document)) // ann {nick="Ann"}
 * }
 * await machine.close()
 * ```
 */
export function createMachine(init: MachineInit): LocalMachine {
  checkInit(init)
  return new StoreMachine(init)
}

class StoreMachine implements LocalMachine {
  readonly self: string
  readonly limits: MachineLimits
  readonly #store: Store
  readonly #calls: StoreCalls
  readonly #saver: TimeSaver
  readonly #clock: Clock
  readonly #time: EffectiveTime
  readonly #usage = new UsageTracker()
  readonly #counters = new Counters()
  readonly #records: Records
  readonly #admission: Admission
  readonly #effects: Effects
  readonly #collector: ExpiryTimer
  /** number of calls from outside that have not ended */
  #active = 0
  readonly #inactive = Promise.withResolvers<void>()
  #state: 'new' | 'starting' | 'running' | 'closed' = 'new'
  #closed: Promise<void> | undefined

  constructor({
    self,
    updates: codec,
    grammar = createGrammar([]),
    store = memoryStore(),
    clock = systemClock(),
    random = Math.random,
    limits: partial,
  }: MachineInit) {
    const limits = machineLimits(partial)
    const time = new EffectiveTime(clock)
    const usage = this.#usage
    const counters = this.#counters
    this.self = self
    this.limits = limits
    const calls = new StoreCalls(clock, limits.storeTimeoutMs)
    this.#store = store
    const saver = new TimeSaver({ store, clock, time, counters })
    this.#calls = calls
    this.#saver = saver
    this.#clock = clock
    this.#time = time
    const collector = new ExpiryTimer(
      clock,
      time,
      async (id, now) => await this.#expire(id, now),
      () => {
        void saver.saveIfDue(calls)
        return time.final
      },
    )
    const scheduleExpiry = collector.schedule.bind(collector)
    const records = new Records({
      store,
      calls,
      codec,
      usage,
      scheduleExpiry,
      maxWaiting: limits.waitersPerRecord,
      onResumed: (id, { writer, content }, live) => {
        this.#effects.resume(id, writer, content, live)
      },
    })
    const stamp = createStamp(self, codec, time, random)
    const isResumed = (content: ValidatedUpdate): boolean => this.#effects.isResumed(content)
    const admission = new Admission({ self, limits, codec, stamp, records, usage, time, isResumed })
    const access = {
      show: async (id: string) => await this.#records.use(id, (record) => show(record, time.read().now)),
      writeOwn: admission.writeOwn.bind(admission),
      hasOwn: (id: string) => records.peek(id)?.documents.has(self) === true,
    }
    this.#records = records
    this.#admission = admission
    this.#effects = new Effects({ self, limits, time, usage, grammar, clock, counters, records: access })
    this.#collector = collector
  }

  get running(): boolean {
    return this.#state === 'running'
  }

  async start(): Promise<void> {
    if (this.#state !== 'new') {
      throw new VmError('VM_SHUTDOWN', `the machine is ${this.#state}; it can be started once`)
    }
    this.#state = 'starting'
    let resumed: ReadonlySet<string>
    try {
      resumed = await this.#open()
    } catch (err) {
      this.#state = 'closed'
      // what the store has opened is released as far as it can; the first error is the one to report
      const closing = this.#closingCalls().wait('to close', async () => await this.#store.close())
      this.#closed ??= closing.catch(() => {})
      await this.#closed
      throw err
    }
    if (this.#closed === undefined) {
      this.#state = 'running'
      this.#collector.start()
      void this.#resume(resumed)
    }
  }

  async update(bytes: Uint8Array, options: SubmitOptions = {}): Promise<Receipt> {
    const needsContent = this.#effects.needsContent.bind(this.#effects)
    return await this.#accept(async (signal) => await this.#admission.update(bytes, signal, needsContent), options)
  }

  async updateUnsigned(update: UnsignedUpdate, options: SubmitOptions = {}): Promise<Receipt> {
    return await this.#accept(async (signal) => await this.#admission.updateUnsigned(update, signal), options)
  }

  async get(key: Uint8Array, { signal }: { signal?: AbortSignal } = {}): Promise<ReadonlyMap<string, DocumentView>> {
    return await this.#serve(signal, async () => {
      assertValid(validateKey(key))
      return await this.#records.useFor(signal, recordId(key), (record) => show(record, this.#time.read().now))
    })
  }

  time(): Instant {
    return this.#time.read()
  }

  confirmTime(): Instant {
    return this.#time.confirm()
  }

  counters(): ReadonlyMap<Counter, number> {
    return this.#counters.read()
  }

  usage(writer: string): Usage {
    return this.#usage.usage(writer)
  }

  async close(): Promise<void> {
    await (this.#closed ??= this.#close())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Opens the store and reads its index; returns the records with effects to resume. */
  async #open(): Promise<ReadonlySet<string>> {
    const resumed = new Set<string>()
    const index = this.#store.index.bind(this.#store)
    await this.#calls.wait('to open', async () => await this.#store.open())
    const saved = await this.#saver.load(this.#calls)
    if (saved !== undefined) {
      this.#time.resume(saved)
    }
    const entries = index()[Symbol.asyncIterator]()
    for (;;) {
      const next = await this.#calls.wait('to read its index', async () => await entries.next())
      if (next.done === true) {
        break
      }
      this.#usage.add(next.value)
      this.#collector.schedule(next.value.record, next.value.retain)
      if (next.value.resumed) {
        resumed.add(next.value.record)
      }
    }
    return resumed
  }

  /** Loads records, which queues the effects that their statements request. */
  async #resume(ids: ReadonlySet<string>): Promise<void> {
    for (const id of ids) {
      await yieldToEventLoop()
      if (this.#state !== 'running') {
        return
      }
      await this.#records
        .use(id, () => {})
        .catch(() => {
          this.#counters.add('effects.failed')
        })
    }
  }

  /** Admits an update, then queues the effects that it requests. */
  async #accept(
    admit: (signal: AbortSignal | undefined) => Promise<AcceptedUpdate>,
    given: SubmitOptions,
  ): Promise<Receipt> {
    const options = { ...given } // a copy: the caller may change its object as soon as the call has returned its promise
    return await this.#serve(options.signal, async () => {
      try {
        const accepted = await admit(options.signal)
        this.#counters.add(`updates.${accepted.receipt.status}`)
        if (accepted.receipt.changed) {
          this.#changed(accepted.id)
        }
        return { ...accepted.receipt, ...this.#effects.request(accepted, options) }
      } catch (err) {
        const refused = err instanceof VmError ? !FAILURES.has(err.code) : err === options.signal?.reason
        this.#counters.add(refused ? 'updates.refused' : 'updates.failed')
        throw err
      }
    })
  }

  /**
   * Runs a call until its signal aborts: work that has begun then goes on, and its result is not waited for. What it throws is a
   * VmError, or the reason of the caller's signal.
   */
  async #serve<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    try {
      if (this.#state !== 'running') {
        throw new VmError('VM_SHUTDOWN', `the machine is ${this.#state}; expected running`, { retryable: true })
      }
      signal?.throwIfAborted()
      const call = this.#count(work)
      return await (signal === undefined ? call : raceSignal(call, signal))
    } catch (cause) {
      if (cause instanceof VmError || (signal?.aborted === true && cause === signal.reason)) {
        throw cause
      }
      throw new VmError('VM_INTERNAL', 'the machine failed', { applied: 'unknown', cause })
    }
  }

  async #count<T>(work: () => Promise<T>): Promise<T> {
    this.#active++
    try {
      return await work()
    } finally {
      this.#active--
      if (this.#active === 0 && this.#state === 'closed') {
        this.#inactive.resolve()
      }
    }
  }

  /** Resolves when no call is under way, and no work on a record. A closed machine begins no other. */
  async #idle(): Promise<void> {
    if (this.#active > 0) {
      await this.#inactive.promise
    }
    await this.#records.idle()
  }

  /** Deletes what has expired in a record; returns when to do so again. */
  async #expire(id: string, now: number): Promise<number | undefined> {
    try {
      const { deleted, next } = await this.#records.use(id, async (record) => ({
        deleted: await this.#records.expire(record, now),
        next: nextExpiry(record, now),
      }))
      this.#counters.add('gc.dropped', deleted)
      this.#changed(id)
      return next
    } catch {
      this.#counters.add('gc.failed')
      return now + RETRY_MS
    }
  }

  #changed(id: string): void {
    this.#effects.changed(id).catch(() => {
      this.#counters.add('effects.failed')
    })
  }

  async #close(): Promise<void> {
    const opened = this.#state !== 'new'
    this.#state = 'closed'
    this.#effects.close()
    this.#collector.stop()
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const cancel = this.#clock.after(CLOSE_MS, resolve)
    await Promise.race([this.#idle(), late])
    cancel()
    this.#records.abandon(new VmError('VM_SHUTDOWN', 'the machine has closed', { retryable: true }))
    if (opened) {
      const calls = this.#closingCalls()
      await this.#saver.save(calls)
      await calls.wait('to close', async () => await this.#store.close())
    }
  }

  /** The calls that close the store have less time than others. */
  #closingCalls(): StoreCalls {
    return new StoreCalls(this.#clock, Math.min(CLOSE_MS, this.limits.storeTimeoutMs))
  }
}
