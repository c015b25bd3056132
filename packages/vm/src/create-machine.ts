import { createGrammar } from '@sr/ir'
import { keyRefusal } from './admission.ts'
import { type Clock, systemClock } from './clock.ts'
import { type Counter, Counters } from './counters.ts'
import { EffectiveTime } from './effective-time.ts'
import { Effects } from './effects.ts'
import { VmError } from './errors.ts'
import { ExpiryQueue } from './expiry-queue.ts'
import { Collector, START_GRACE_MS } from './gc.ts'
import { Intake, type Taken } from './intake.ts'
import { KeyedLock } from './keyed-lock.ts'
import { Ledger } from './ledger.ts'
import { type MachineLimits, machineLimits } from './limits.ts'
import type { LocalMachine, MachineInit } from './machine.ts'
import { memoryStore } from './memory-store.ts'
import type { Usage } from './quota.ts'
import type { HandIn, Receipt, UnsignedUpdate, View } from './receipt.ts'
import { recordId } from './record-id.ts'
import { Records } from './records.ts'
import { refuse } from './refuse.ts'
import type { Store } from './store.ts'

/** How long closing waits for updates under way: a store that hangs shall not keep a program from ending. */
const CLOSE_MS = 5000

/** Refusals that are no word about the update. */
const FAILURES: ReadonlySet<string> = new Set(['VM_INTERNAL', 'VM_STORAGE', 'VM_CORRUPT'])

/**
 * Makes a machine. It does nothing until it is started, and keeps nothing running once it is closed.
 *
 * @throws RangeError for a limit that is none
 * @example
 * ```ts
 * import { from, print } from '@sr/xr'
 * import { createMachine, plainUpdates } from '@sr/vm'
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
  readonly #lock = new KeyedLock()
  readonly #ledger = new Ledger()
  readonly #counters = new Counters()
  readonly #queue: ExpiryQueue
  readonly #intake: Intake
  readonly #effects: Effects
  readonly #collector: Collector
  #state: 'new' | 'starting' | 'running' | 'closed' = 'new'
  #closed: Promise<void> | undefined

  constructor({
    self,
    updates,
    grammar = createGrammar([]),
    store = memoryStore(),
    clock = systemClock(),
    random = Math.random,
    limits,
  }: MachineInit) {
    this.self = self
    this.limits = machineLimits(limits)
    this.#store = store
    this.#clock = clock
    const time = new EffectiveTime(clock)
    this.#queue = new ExpiryQueue(time.read().now)
    const shared = { self, limits: this.limits, time, ledger: this.#ledger }
    const records = new Records(store, updates, this.#ledger)
    this.#intake = new Intake({ ...shared, updates, random, lock: this.#lock, records, queue: this.#queue })
    this.#effects = new Effects({ ...shared, grammar, clock, counters: this.#counters, intake: this.#intake })
    this.#collector = new Collector(clock, time, this.#queue, async (id, now) => await this.#collect(id, now))
  }

  async start(): Promise<void> {
    if (this.#state !== 'new') {
      throw new VmError('VM_SHUTDOWN', 'a machine is started once')
    }
    this.#state = 'starting'
    try {
      await this.#store.open()
      for await (const live of this.#store.index()) {
        this.#ledger.add(live)
        this.#queue.schedule(live.record, live.retain)
      }
    } catch (cause) {
      this.#state = 'closed'
      throw new VmError('VM_STORAGE', 'the store did not open', { cause })
    }
    if (this.#closed === undefined) {
      this.#state = 'running'
      this.#collector.start(this.#queue.size > 0 ? START_GRACE_MS : 0)
    }
  }

  async update(bytes: Uint8Array, options: HandIn = {}): Promise<Receipt> {
    return await this.#take(options, options.signal, async () => await this.#intake.signed(bytes, options.signal))
  }

  async updateUnsigned(update: UnsignedUpdate, { signal }: { signal?: AbortSignal } = {}): Promise<Receipt> {
    return await this.#take(update, signal, async () => await this.#intake.unsigned(update, signal))
  }

  async get(key: Uint8Array, { signal }: { signal?: AbortSignal } = {}): Promise<ReadonlyMap<string, View>> {
    return await this.#serve(signal, async () => {
      refuse(keyRefusal(key))
      return await this.#intake.views(recordId(key), signal)
    })
  }

  counters(): ReadonlyMap<Counter, number> {
    return this.#counters.read()
  }

  usage(writer: string): Usage {
    return this.#ledger.usage(writer)
  }

  async close(): Promise<void> {
    await (this.#closed ??= this.#close())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #take(
    source: Pick<HandIn, 'observed' | 'firsthand'>,
    signal: AbortSignal | undefined,
    into: () => Promise<Taken>,
  ): Promise<Receipt> {
    try {
      const taken = await this.#serve(signal, into)
      this.#counters.add(`updates.${taken.receipt.status}`)
      this.#collector.wake()
      if (taken.receipt.changed) {
        this.#changed(taken.id)
      }
      return { ...taken.receipt, ...this.#effects.ask(taken, source) }
    } catch (err) {
      this.#counters.add(err instanceof VmError && FAILURES.has(err.code) ? 'updates.failed' : 'updates.refused')
      throw err
    }
  }

  /** Does what somebody asked for; what fails is a VmError, or the reason of the asker's own signal. */
  async #serve<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    try {
      if (this.#state !== 'running') {
        throw new VmError('VM_SHUTDOWN', 'the machine is not running', { retryable: true })
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

  async #collect(id: string, now: number): Promise<number | undefined> {
    try {
      const { dropped, next } = await this.#intake.collect(id, now)
      this.#counters.add('gc.dropped', dropped)
      this.#changed(id)
      return next
    } catch (err) {
      this.#counters.add('gc.failed')
      throw err
    }
  }

  #changed(id: string): void {
    this.#effects.changed(id).catch(() => {
      this.#counters.add('effects.failed')
    })
  }

  async #close(): Promise<void> {
    const begun = this.#state !== 'new'
    this.#state = 'closed'
    this.#effects.close()
    this.#collector.stop()
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const cancel = this.#clock.after(CLOSE_MS, resolve)
    await Promise.race([this.#lock.idle(), late])
    cancel()
    if (begun) {
      await this.#store.close()
    }
  }
}
