import type {
  DamagedEntry,
  DuePage,
  DueRecord,
  IndexPage,
  Store,
  StoreBatch,
  StoredRecord,
  StoreEntry,
  StoreIndex,
  StoreRef,
  StoreReport,
  StoreTotals,
  Usage,
} from '../store.ts'
import { batchChange, quarantineChange, rawChange, reindexChange, timeChange } from './changes.ts'
import { checkStore } from './check.ts'
import { countIndex } from './counts.ts'
import { type Change, decodeTotals, decodeUsage, Draft, encodeTotals, encodeUsage, intactIndex } from './draft.ts'
import { findDue } from './due.ts'
import type { Engine, EnginePair } from './engine.ts'
import { storeFailure } from './failure.ts'
import { type Migration, openFormat } from './format.ts'
import { GroupCommit } from './group-commit.ts'
import { Journal } from './journal.ts'
import { entryKey, indexKey, indexPlace, parseKey, TIME_KEY, TOTALS_KEY, usageKey, usageWriter } from './keys.ts'
import { PAGE, scan } from './scan.ts'
import { damagedRetain, decodeEntry, decodeNumbers } from './value.ts'

/** How {@link kvStore} opens its engine. */
export interface KvStoreOptions {
  /** whether an engine without any content becomes a new store; if not, open rejects with `STORE_MISSING`; default: true */
  readonly create?: boolean
  /** whether a store opens whose version is missing or damaged, to be checked and repaired; default: false */
  readonly recover?: boolean
  /** replaces the migrations from older versions of the format, by the version that each begins with; for tests */
  readonly migrations?: Readonly<Record<number, Migration>>
}

/** A {@link Store} over an {@link Engine}. */
export interface KvStore extends Store {
  /** whether a commit that has resolved survives a loss of power */
  readonly durable: boolean
  check(options: { readonly repair: boolean }): Promise<StoreReport>
}

/**
 * A store of the machine over a database of keys and values. Commits that arrive during a write join the next one; a batch is written
 * whole or not at all, over any engine.
 *
 * @example
 * ```ts
 * import { kvStore } from '@sr/vm/store'
 * import { memoryEngine } from '@sr/vm/testing'
 *
 * const store = kvStore(memoryEngine())
 * await store.open()
 * const entry = { record: 'aa', hash: '00', retain: 9, writer: 'ann', chargedTo: 'ann', cost: 1, resumed: false, signed: false, local: true }
 * await store.commit({ put: [{ ...entry, bytes: Uint8Array.of(7) }], drop: [], usage: [{ writer: 'ann', bytes: 1, records: 1 }] })
 * console.log(await store.totals()) // { entries: 1, bytes: 1, documents: 1 }
 * await store.close()
 * ```
 */
export function kvStore(engine: Engine, options: KvStoreOptions = {}): KvStore {
  return new StoreOverEngine(engine, options)
}

/** Its methods are properties, so that a test or a wrapper may spread it and replace some. */
class StoreOverEngine implements KvStore {
  readonly durable: boolean
  readonly #engine: Engine
  readonly #options: KvStoreOptions
  readonly #group = new GroupCommit<Change>(async (changes) => {
    await this.#write(changes)
  })
  readonly #journal: Journal | undefined
  /** what was found wrong when the store was opened */
  #opened: readonly string[] = []

  constructor(engine: Engine, options: KvStoreOptions) {
    this.#engine = engine
    this.#options = options
    this.#journal = engine.atomic ? undefined : new Journal(engine)
    this.durable = engine.durable
  }

  readonly open = async (): Promise<void> => {
    const { create = true, recover = false, migrations } = this.#options
    try {
      await this.#engine.open()
      await openFormat(this.#engine, { create, recover, migrations })
      const isIntact = (await this.#journal?.recover()) ?? true
      this.#opened = isIntact ? [] : ['the journal of the last batch is damaged; the batch may be there in part']
    } catch (cause) {
      await closeQuietly(this.#engine)
      throw storeFailure('to open', cause)
    }
  }

  readonly commit = (batch: StoreBatch): Promise<void> => {
    return this.#push('to commit', () => batchChange(batch))
  }

  readonly read = async (record: string): Promise<StoredRecord> => {
    return await this.#reading('to read a record', async () => {
      const entries: StoreEntry[] = []
      const damaged: DamagedEntry[] = []
      for (const [key, value] of await this.#engine.range({ gt: `e/${record}/`, lt: `e/${record}0` })) {
        const hash = key.slice(key.lastIndexOf('/') + 1)
        try {
          entries.push(decodeEntry(key, { record, hash }, value))
        } catch (cause) {
          const reason = cause instanceof Error ? cause.message : String(cause)
          await this.#setAside({ record, hash, value, reason })
          damaged.push({ record, hash, reason })
        }
      }
      return { entries, damaged }
    })
  }

  /** A damaged update is left where it is, so that `read` finds and reports it. */
  readonly get = async (record: string, hash: string): Promise<StoreEntry | undefined> => {
    return await this.#reading('to read an update', async () => {
      const key = entryKey({ record, hash })
      const [value] = await this.#engine.getMany([key])
      return value === undefined || intactIndex(key, value) === undefined
        ? undefined
        : decodeEntry(key, { record, hash }, value)
    })
  }

  readonly index = async ({ after, until = Infinity, limit }: IndexPage): Promise<readonly StoreIndex[]> => {
    return await this.#reading('to read the index', async () => {
      const found: StoreIndex[] = []
      const lt = until === Infinity ? 'x0' : indexPlace(Math.floor(until) + 1)
      let gt = after === undefined ? 'x/' : indexKey(after)
      for (;;) {
        const page = await this.#engine.range({ gt, lt, limit: limit - found.length })
        for (const [key, value] of page) {
          found.push(...(await this.#indexOf(key, value)))
        }
        const last = page.at(-1)
        if (last === undefined || found.length === limit) {
          return found
        }
        gt = last[0]
      }
    })
  }

  readonly due = async (page: DuePage): Promise<readonly DueRecord[]> => {
    return await this.#reading('to read the index', () =>
      findDue(this.#engine, page, (orphan) => {
        this.#group.push(reindexChange(orphan)).catch(() => {}) // it is found again
      }),
    )
  }

  readonly resumed = async ({
    after,
    limit,
  }: {
    readonly after?: string
    readonly limit: number
  }): Promise<readonly string[]> => {
    return await this.#reading('to read what is resumed', async () => {
      const records = new Set<string>()
      let gt = after === undefined ? 'r/' : `r/${after}0`
      while (records.size < limit) {
        const page = await this.#engine.range({ gt, lt: 'r0', limit: limit - records.size })
        const last = page.at(-1)
        if (last === undefined) {
          break
        }
        for (const [key] of page) {
          records.add((parseKey(key) ?? { record: key }).record)
        }
        gt = `${last[0].slice(0, last[0].lastIndexOf('/'))}0`
      }
      return [...records]
    })
  }

  readonly usage = async (writer: string): Promise<Usage> => {
    return await this.#reading('to read a usage', async () => {
      const key = usageKey(writer)
      const [value] = await this.#engine.getMany([key])
      try {
        return decodeUsage(key, value)
      } catch {
        return (await countIndex(this.#engine)).of(writer)
      }
    })
  }

  readonly totals = async (): Promise<StoreTotals> => {
    return await this.#reading('to read the totals', async () => {
      const [value] = await this.#engine.getMany([TOTALS_KEY])
      try {
        const { entries, bytes, documents } = decodeTotals(value)
        return { entries, bytes, documents }
      } catch {
        return (await countIndex(this.#engine)).totals
      }
    })
  }

  readonly quarantine = (ref: StoreRef, reason: string): Promise<void> => {
    return this.#push('to set an update aside', () => quarantineChange(ref, reason))
  }

  readonly saveTime = (ms: number): Promise<void> => {
    return this.#push('to save the time', () => timeChange(ms))
  }

  /** A time that is damaged counts as none. */
  readonly loadTime = async (): Promise<number | undefined> => {
    return await this.#reading('to read the time', async () => {
      const [value] = await this.#engine.getMany([TIME_KEY])
      try {
        return value === undefined ? undefined : decodeNumbers(TIME_KEY, 1, value)[0]
      } catch {
        return undefined
      }
    })
  }

  readonly close = async (): Promise<void> => {
    await this.#group.idle()
    try {
      // a journal that stays is written again when the store is opened, which changes nothing
      await this.#journal?.clear().catch(() => {})
      await this.#engine.close()
    } catch (cause) {
      throw storeFailure('to close', cause)
    }
  }

  readonly check = async ({ repair }: { readonly repair: boolean }): Promise<StoreReport> => {
    return await this.#reading('to check', async () => {
      const report = await checkStore(this.#engine, {
        known: this.#opened,
        repair: repair ? async (change) => await this.#group.push(change) : undefined,
      })
      this.#opened = report.repaired ? [] : this.#opened
      return report
    })
  }

  async #push(what: string, change: () => Change): Promise<void> {
    try {
      await this.#group.push(change())
    } catch (cause) {
      throw storeFailure(what, cause, { isWritten: this.#journal?.isInterrupted === true })
    }
  }

  /** Reads after a batch whose write failed in the middle is whole. */
  async #reading<T>(what: string, read: () => Promise<T>): Promise<T> {
    try {
      if (this.#journal?.isInterrupted === true) {
        await this.#group.push(rawChange([]))
      }
      return await read()
    } catch (cause) {
      throw storeFailure(what, cause)
    }
  }

  async #write(changes: readonly Change[]): Promise<void> {
    await this.#journal?.finish()
    const keys = [...new Set(changes.flatMap(({ reads }) => reads))]
    const values = keys.length === 0 ? [] : await this.#engine.getMany(keys)
    const before = new Map(keys.map((key, n) => [key, values[n]]))
    await this.#mendCounters(before)
    const draft = new Draft(before)
    for (const change of changes) {
      change.apply(draft)
    }
    const writes = draft.writes()
    if (writes.length > 0) {
      await (this.#journal ?? this.#engine).write(writes)
    }
  }

  /** Replaces counters that are damaged by what the index says. */
  async #mendCounters(before: Map<string, Uint8Array | undefined>): Promise<void> {
    const damaged = [...before].filter(([key, value]) => isDamagedCounter(key, value))
    if (damaged.length > 0) {
      const counts = await countIndex(this.#engine)
      for (const [key] of damaged) {
        before.set(
          key,
          key === TOTALS_KEY
            ? encodeTotals({ ...counts.totals, written: 0 })
            : encodeUsage(key, counts.of(usageWriter(key))),
        )
      }
    }
  }

  /** An entry of the index; where it is damaged, the update has the same, and it is written again. */
  async #indexOf(key: string, value: Uint8Array): Promise<StoreIndex[]> {
    const intact = intactIndex(key, value)
    if (intact !== undefined) {
      return [intact]
    }
    const ref = parseKey(key)
    if (ref === undefined) {
      return []
    }
    await this.#group.push(reindexChange(ref))
    const [entry] = await this.#engine.getMany([entryKey(ref)])
    const index = entry === undefined ? undefined : intactIndex(entryKey(ref), entry)
    return index?.retain === ref.retain ? [index] : []
  }

  /** Moves a damaged update to the quarantine. Its `retain` cannot be relied upon: without an entry of the index there, all are searched. */
  async #setAside(found: {
    readonly record: string
    readonly hash: string
    readonly value: Uint8Array
    readonly reason: string
  }): Promise<void> {
    const { record, hash, value, reason } = found
    const retain = damagedRetain(value) ?? 0
    const [guess] = await this.#engine.getMany([indexKey({ record, hash, retain })])
    const ref = guess === undefined ? await this.#findIndex(record, hash) : { record, hash, retain }
    await this.#group.push(quarantineChange(ref ?? { record, hash, retain }, reason))
  }

  async #findIndex(record: string, hash: string): Promise<StoreRef | undefined> {
    const end = `/${record}/${hash}`
    for await (const page of scan(this.#engine, 'x', PAGE)) {
      const found = page.find(([key]: EnginePair) => key.endsWith(end))
      if (found !== undefined) {
        return parseKey(found[0])
      }
    }
    return undefined
  }
}

function isDamagedCounter(key: string, value: Uint8Array | undefined): boolean {
  try {
    if (key === TOTALS_KEY) {
      decodeTotals(value)
      return value === undefined
    }
    if (key.startsWith('u/')) {
      decodeUsage(key, value)
    }
    return false
  } catch {
    return true
  }
}

async function closeQuietly(engine: Engine): Promise<void> {
  try {
    await engine.close()
  } catch {
    // the error of opening is the one to report
  }
}
