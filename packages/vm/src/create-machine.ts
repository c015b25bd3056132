import { MERGE_VERSION } from '@sr/ir'
import { yieldToEventLoop } from '@sr/runtime'
import { MAX_STEPS, type Selector } from '@sr/xr/selector'
import type { AcceptedUpdate } from './admission/admission.ts'
import { explain } from './admission/explain.ts'
import type { Receipt, SubmitOptions, UnsignedUpdate } from './admission/receipt.ts'
import { assertValid, validateKey } from './admission/validate.ts'
import { Calls, isFailure } from './calls.ts'
import { checkInit } from './check-init.ts'
import { copyOptions } from './copy-options.ts'
import type { Counter } from './counters.ts'
import { VmError } from './errors.ts'
import type { FeedOptions, FeedReader } from './feed/feed.ts'
import type { MachineLimits } from './limits.ts'
import type { Explanation, LocalMachine, MachineInfo, MachineInit } from './machine.ts'
import { logEvents } from './observe.ts'
import { MachineParts } from './parts.ts'
import {
  type GetOptions,
  type Page,
  type PageOptions,
  type QueryOptions,
  type QueryPage,
  type RecordView,
  type UpdatesOptions,
  type UpdatesPage,
  viewOf,
} from './query/reads.ts'
import { validateIndexPage, validateOptions, validateSelector, validateText } from './query/validate-options.ts'
import { recordId } from './records/record-id.ts'
import type { IndexPage, StoreEntry, StoreIndex, Usage } from './store/store.ts'
import { StoreCalls } from './store/store-calls.ts'
import type { Instant } from './time/effective-time.ts'
import { openWatch } from './watch/open-watch.ts'
import type { WatchOptions } from './watch/parts.ts'
import type { Revision } from './watch/revision.ts'
import type { Watcher } from './watch/watcher.ts'

/** How long `close` waits for work under way, and then for the store, milliseconds: a store that hangs must not keep a process from ending. */
const CLOSE_MS = 5000

/** Records with effects to resume that are read from the store's index at once. */
const RESUMED_PAGE = 256

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
 * for (const [writer, { document }] of (await machine.get(key)).documents) {
 *   console.log(writer, print(document)) // ann {nick="Ann"}
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
  readonly #calls: Calls
  readonly #parts: MachineParts
  #closed: Promise<void> | undefined

  constructor(init: MachineInit) {
    const observers = [init.observe, init.logger && logEvents(init.logger)]
    this.#calls = new Calls(observers.filter((observe) => observe !== undefined))
    this.#parts = new MachineParts(init, this.#calls)
    this.self = init.self
    this.limits = this.#parts.limits
  }

  get running(): boolean {
    return this.#calls.state === 'running'
  }

  async start(): Promise<void> {
    const { store, storeCalls, timer, sweep, saver } = this.#parts
    if (this.#calls.state !== 'new') {
      throw new VmError('VM_SHUTDOWN', `the machine is ${this.#calls.state}; it can be started once`)
    }
    this.#calls.state = 'starting'
    try {
      await this.#open()
    } catch (err) {
      this.#calls.state = 'closed'
      // what the store has opened is released as far as it can; the first error is the one to report
      const close = async (): Promise<void> => {
        await this.#closingCalls().wait('to close', () => store.close())
      }
      this.#closed ??= close().catch(() => {})
      await this.#closed
      throw err
    }
    if (this.#closed === undefined) {
      this.#calls.state = 'running'
      timer.start()
      sweep.start()
      saver.start(storeCalls)
      void this.#resume()
    }
  }

  async update(bytes: Uint8Array, options: SubmitOptions = {}): Promise<Receipt> {
    const { admission, effects } = this.#parts
    const needsContent = effects.needsContent.bind(effects)
    return await this.#accept('update', options, (copy) => admission.update(bytes, copy, needsContent))
  }

  async updateUnsigned(update: UnsignedUpdate, options: SubmitOptions = {}): Promise<Receipt> {
    const { admission } = this.#parts
    return await this.#accept('updateUnsigned', options, (copy) => admission.updateUnsigned(update, copy))
  }

  async get(key: Uint8Array, options: GetOptions = {}): Promise<RecordView> {
    const { records } = this.#parts
    const { signal } = options ?? {}
    // a record in memory that does not change now is answered at once
    const isValid = validateKey(key) === undefined && validateOptions(options) === undefined
    const isReady = this.running && isValid && signal?.aborted !== true
    const snapshot = isReady ? records.snapshotAtOnce(recordId(key)) : undefined
    if (snapshot !== undefined) {
      return viewOf(snapshot, options)
    }
    const [copy, wrong] = copied(options)
    return await this.#calls.run('get', signal, async () => {
      assertValid(validateKey(key) ?? wrong)
      return await records.useFor(signal, recordId(key), async (found) => {
        await records.prepare(found)
        return viewOf(records.snapshot(found), copy)
      })
    })
  }

  async getPage(key: Uint8Array, options: PageOptions = {}): Promise<Page> {
    const [copy, wrong] = copied(options)
    return await this.#calls.run('getPage', copy.signal, async () => {
      assertValid(validateKey(key) ?? wrong)
      return await this.#parts.reads.page(new Uint8Array(key), copy)
    })
  }

  async getUpdates(key: Uint8Array, options: UpdatesOptions = {}): Promise<UpdatesPage> {
    const [copy, wrong] = copied(options)
    return await this.#calls.run('getUpdates', copy.signal, async () => {
      assertValid(validateKey(key) ?? wrong)
      return await this.#parts.reads.updates(new Uint8Array(key), copy)
    })
  }

  async query(key: Uint8Array, selector: Selector, options: QueryOptions = {}): Promise<QueryPage> {
    const [copy, wrong] = copied(options)
    const steps = Array.isArray(selector) ? selector.slice(0, MAX_STEPS + 1) : []
    return await this.#calls.run('query', copy.signal, async () => {
      assertValid(validateKey(key) ?? wrong ?? validateSelector(selector))
      return await this.#parts.reads.query(new Uint8Array(key), steps, copy)
    })
  }

  async watch(key: Uint8Array, options: WatchOptions = {}): Promise<Watcher> {
    const [copy, wrong] = copied(options)
    return await this.#calls.run('watch', copy.signal, async () => {
      assertValid(validateKey(key) ?? wrong)
      return await openWatch(recordId(key), knownFrom(copy, this.#parts.records.revision), this.#parts)
    })
  }

  feed(options: FeedOptions = {}): FeedReader {
    this.#calls.assertRunning()
    return this.#parts.feed.read(options)
  }

  async readUpdate(key: Uint8Array, hash: string): Promise<StoreEntry | undefined> {
    const { store, storeCalls } = this.#parts
    return await this.#calls.run('readUpdate', undefined, async () => {
      assertValid(validateKey(key) ?? validateText('hash', hash))
      return await storeCalls.wait('to read an update', () => store.get(recordId(key), hash))
    })
  }

  async indexPage(page: IndexPage): Promise<readonly StoreIndex[]> {
    const { store, storeCalls } = this.#parts
    return await this.#calls.run('indexPage', undefined, async () => {
      assertValid(validateIndexPage(page))
      return await storeCalls.wait('to read its index', () => store.index(page))
    })
  }

  async explain(update: Uint8Array | UnsignedUpdate, options: SubmitOptions = {}): Promise<Explanation> {
    const copy = { ...options }
    return await this.#calls.run('explain', options.signal, () => explain(update, copy, this.#parts))
  }

  async info(): Promise<MachineInfo> {
    const { self, limits, records, time, grammar, store, storeCalls } = this.#parts
    return await this.#calls.run('info', undefined, async () => ({
      self,
      revision: records.revision,
      time: time.read(),
      merge: MERGE_VERSION,
      limits,
      tags: grammar.rules.flatMap(({ tags }) => tags),
      totals: await storeCalls.wait('to count', () => store.totals()),
      cached: records.cached,
    }))
  }

  async usage(writer: string): Promise<Usage> {
    return await this.#calls.run('usage', undefined, async () => {
      assertValid(validateText('writer', writer))
      return await this.#parts.usage.usage(writer)
    })
  }

  time(): Instant {
    return this.#parts.time.read()
  }

  confirmTime(): Instant {
    const { time, sweep } = this.#parts
    const confirmed = time.confirm()
    sweep.wake()
    return confirmed
  }

  counters(): ReadonlyMap<Counter, number> {
    return this.#parts.counters.read()
  }

  async close(): Promise<void> {
    await (this.#closed ??= this.#close())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Opens the store and takes its time and totals; nothing else is read. */
  async #open(): Promise<void> {
    const { store, storeCalls, saver, time, usage } = this.#parts
    await storeCalls.wait('to open', () => store.open())
    const saved = await saver.load(storeCalls)
    if (saved !== undefined) {
      time.resume(saved)
    }
    usage.setTotal(await storeCalls.wait('to count', () => store.totals()))
  }

  /** Loads the records with effects to resume, which queues what their statements request. */
  async #resume(): Promise<void> {
    const { store, storeCalls, counters } = this.#parts
    const failed = (): void => {
      counters.add('effects.failed')
    }
    try {
      for (let after: string | undefined = ''; after !== undefined;) {
        const page = { after, limit: RESUMED_PAGE }
        const ids: readonly string[] = await storeCalls.wait('to read its index', () => store.resumed(page))
        for (const id of ids) {
          await yieldToEventLoop()
          if (!this.running) {
            return
          }
          await this.#parts.records.use(id, () => {}).catch(failed)
        }
        after = ids.length < RESUMED_PAGE ? undefined : ids.at(-1)
      }
    } catch {
      failed()
    }
  }

  /** Admits an update, then queues the effects that it requests. */
  async #accept(
    call: string,
    given: SubmitOptions,
    admit: (options: SubmitOptions) => Promise<AcceptedUpdate>,
  ): Promise<Receipt> {
    const { counters, effects } = this.#parts
    const options = { ...given } // a copy: the caller may change its object as soon as the call has returned its promise
    return await this.#calls.run(call, options.signal, async () => {
      try {
        const accepted = await admit(options)
        counters.add(`updates.${accepted.receipt.status}`)
        if (accepted.receipt.changed) {
          this.#parts.changed(accepted.id)
        }
        return { ...accepted.receipt, ...effects.request(accepted, options) }
      } catch (err) {
        const isRefusal = err === options.signal?.reason || !isFailure(err)
        counters.add(isRefusal ? 'updates.refused' : 'updates.failed')
        throw err
      }
    })
  }

  async #close(): Promise<void> {
    const { effects, timer, sweep, saver, watches, feed, clock, records, store } = this.#parts
    const opened = this.#calls.state !== 'new'
    this.#calls.state = 'closed'
    effects.close()
    timer.stop()
    sweep.stop()
    saver.stop()
    const closed = new VmError('VM_SHUTDOWN', 'the machine has closed', { retryable: true })
    watches.close(closed)
    feed.close(closed)
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const cancel = clock.after(CLOSE_MS, resolve)
    const idle = this.#calls.idle().then(async () => {
      await records.idle()
    })
    await Promise.race([idle, late])
    cancel()
    records.abandon(closed)
    if (opened) {
      const calls = this.#closingCalls()
      await saver.save(calls)
      await calls.wait('to close', () => store.close())
    }
  }

  /** The calls that close the store have less time than others. */
  #closingCalls(): StoreCalls {
    return new StoreCalls(this.#parts.clock, Math.min(CLOSE_MS, this.limits.storeTimeoutMs))
  }
}

/** A copy of options, or an error if they are invalid. */
function copied<T extends object>(options: T): readonly [T, VmError | undefined] {
  const wrong = validateOptions(options)
  return wrong === undefined ? [copyOptions(options), undefined] : [{} as T, wrong]
}

/** Watch options whose revision this run of the machine knows; one that is ahead of it counts as foreign. */
function knownFrom(options: WatchOptions, { counter }: Revision): WatchOptions {
  const { from } = options
  return from === undefined || from.counter <= counter
    ? options
    : { ...options, from: { epoch: new Uint8Array(0), counter: 0 } }
}
