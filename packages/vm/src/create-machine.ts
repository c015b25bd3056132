import { createGrammar } from '@sr/ir'
import { type AcceptedUpdate, Admission } from './admission/admission.ts'
import type { Receipt, SubmitOptions, UnsignedUpdate } from './admission/receipt.ts'
import { createStamp } from './admission/stamper.ts'
import { assertValid, validateKey } from './admission/validate.ts'
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
import { type Clock, systemClock } from './time/clock.ts'
import { EffectiveTime } from './time/effective-time.ts'
import { ExpiryTimer } from './time/expiry-timer.ts'

/** How long `close` waits for work under way, milliseconds: a store that hangs must not keep a process from ending. */
const CLOSE_MS = 5000

/** Time between two attempts to delete what has expired in a record, milliseconds. */
const RETRY_MS = 60_000

/** How long after a start with records nothing is deleted, milliseconds: so that a wrong clock can be set right first. */
const START_GRACE_MS = 3_600_000

/** Codes of failures of this machine; the others refuse the update. */
const FAILURES: ReadonlySet<string> = new Set(['VM_INTERNAL', 'VM_STORAGE', 'VM_CORRUPT'])

/**
 * Creates a machine. Nothing runs before `start` and after `close`.
 *
 * @throws RangeError for an invalid limit
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
  return new StoreMachine(init)
}

class StoreMachine implements LocalMachine {
  readonly self: string
  readonly limits: MachineLimits
  readonly #store: Store
  readonly #clock: Clock
  readonly #time: EffectiveTime
  readonly #usage = new UsageTracker()
  readonly #counters = new Counters()
  readonly #records: Records
  readonly #admission: Admission
  readonly #effects: Effects
  readonly #collector: ExpiryTimer
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
    this.#store = store
    this.#clock = clock
    this.#time = time
    const collector = new ExpiryTimer(clock, time, async (id, now) => await this.#expire(id, now))
    const scheduleExpiry = collector.schedule.bind(collector)
    const records = new Records({ store, codec, usage, scheduleExpiry })
    const stamp = createStamp(self, codec, time, random)
    const admission = new Admission({ self, limits, codec, stamp, records, usage, time })
    const access = {
      show: async (id: string) => await this.#show(id),
      writeOwn: admission.writeOwn.bind(admission),
      hasOwn: (id: string) => records.peek(id)?.documents.has(self) === true,
    }
    this.#records = records
    this.#admission = admission
    this.#effects = new Effects({ self, limits, time, usage, grammar, clock, counters, records: access })
    this.#collector = collector
  }

  async start(): Promise<void> {
    if (this.#state !== 'new') {
      throw new VmError('VM_SHUTDOWN', `the machine is ${this.#state}; it can be started once`)
    }
    this.#state = 'starting'
    try {
      await this.#store.open()
      for await (const entry of this.#store.index()) {
        this.#usage.add(entry)
        this.#collector.schedule(entry.record, entry.retain)
      }
    } catch (cause) {
      this.#state = 'closed'
      throw new VmError('VM_STORAGE', 'the store failed to open', { cause })
    }
    if (this.#closed === undefined) {
      this.#state = 'running'
      this.#collector.start(this.#collector.size > 0 ? START_GRACE_MS : 0)
    }
  }

  async update(bytes: Uint8Array, options: SubmitOptions = {}): Promise<Receipt> {
    const needsContent = this.#effects.needsContent.bind(this.#effects)
    return await this.#accept(async () => await this.#admission.update(bytes, options.signal, needsContent), options)
  }

  async updateUnsigned(update: UnsignedUpdate, options: SubmitOptions = {}): Promise<Receipt> {
    return await this.#accept(async () => await this.#admission.updateUnsigned(update, options.signal), options)
  }

  async get(key: Uint8Array, { signal }: { signal?: AbortSignal } = {}): Promise<ReadonlyMap<string, DocumentView>> {
    return await this.#serve(signal, async () => {
      assertValid(validateKey(key))
      return await this.#show(recordId(key), signal)
    })
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

  async #show(id: string, signal?: AbortSignal): Promise<Map<string, DocumentView>> {
    return await this.#records.use(id, signal, (record) => show(record, this.#time.read().now))
  }

  /** Admits an update, then queues the effects that it requests. */
  async #accept(admit: () => Promise<AcceptedUpdate>, options: SubmitOptions): Promise<Receipt> {
    try {
      const accepted = await this.#serve(options.signal, admit)
      this.#counters.add(`updates.${accepted.receipt.status}`)
      if (accepted.receipt.changed) {
        this.#changed(accepted.id)
      }
      return { ...accepted.receipt, ...this.#effects.request(accepted, options) }
    } catch (err) {
      this.#counters.add(err instanceof VmError && FAILURES.has(err.code) ? 'updates.failed' : 'updates.refused')
      throw err
    }
  }

  /** Runs a call. What it throws is a VmError, or the reason of the caller's signal. */
  async #serve<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    try {
      if (this.#state !== 'running') {
        throw new VmError('VM_SHUTDOWN', `the machine is ${this.#state}; expected running`, { retryable: true })
      }
      signal?.throwIfAborted()
      return await work()
    } catch (cause) {
      if (cause instanceof VmError || (signal?.aborted === true && cause === signal.reason)) {
        throw cause
      }
      throw new VmError('VM_INTERNAL', 'the machine failed', { applied: 'unknown', cause })
    }
  }

  /** Deletes what has expired in a record; returns when to do so again. */
  async #expire(id: string, now: number): Promise<number | undefined> {
    try {
      const { deleted, next } = await this.#records.use(id, undefined, async (record) => ({
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
    await Promise.race([this.#records.idle(), late])
    cancel()
    if (opened) {
      await this.#store.close()
    }
  }
}
