import { createDocument, type Applied, type Document, type Update } from '@sr/ir'
import { VmError } from './errors.ts'
import type { Ledger } from './ledger.ts'
import type { View } from './receipt.ts'
import type { Store, StoreEntry, StoreIndex } from './store.ts'
import type { DecodedUpdate, UpdateCodec } from './update-codec.ts'

/** A live update as kept in memory; its bytes are the store's. */
export interface LiveUpdate extends StoreIndex {
  readonly seq: number
  readonly signed: boolean
}

/** One writer's document and what it rests on. */
export interface Holding {
  readonly document: Document
  /** by hash */
  readonly live: Map<string, LiveUpdate>
  /** how many of the live updates nobody signed */
  unsigned: number
}

/** One record: writer → holding. */
export interface RecordState {
  readonly id: string
  readonly holdings: Map<string, Holding>
  /** updates nobody needs that the store still has */
  leftover: LiveUpdate[]
}

/**
 * The records in memory and in the store. Every method that takes an id expects its caller to hold
 * that record's lock.
 */
export class Records {
  readonly #store: Store
  readonly #updates: UpdateCodec
  readonly #ledger: Ledger
  readonly #resident = new Map<string, RecordState>()
  /** records a failed commit left in doubt, with what they were charged for: to be read anew */
  readonly #doubtful = new Map<string, LiveUpdate[]>()

  constructor(store: Store, updates: UpdateCodec, ledger: Ledger) {
    this.#store = store
    this.#updates = updates
    this.#ledger = ledger
  }

  /** number of records in memory */
  get size(): number {
    return this.#resident.size
  }

  /** Whether a writer's document is in memory: right after a change every document of that record is. */
  has(id: string, writer: string): boolean {
    return this.#resident.get(id)?.holdings.has(writer) === true
  }

  /** The record as held; an empty one when nothing is. */
  async open(id: string): Promise<RecordState> {
    return this.#resident.get(id) ?? (await this.#read(id))
  }

  /**
   * Joins an update: in the store and in memory, or in neither.
   *
   * @throws IrError when it is not lawful, VmError `VM_STORAGE` when the store fails
   */
  async join(
    record: RecordState,
    update: DecodedUpdate,
    entry: StoreEntry,
  ): Promise<{ applied: Applied; stored: boolean }> {
    const holding = record.holdings.get(entry.writer) ?? emptyHolding()
    const applied = holding.document.apply(updateOf(update))
    const stored = !applied.held && !applied.dropped.includes(entry.hash)
    const gone = applied.dropped.flatMap((hash) => holding.live.get(hash) ?? [])
    if (stored || gone.length > 0) {
      await this.#commit(record, stored ? [entry] : [], gone)
    }
    if (stored) {
      this.#keep(record, holding, { ...indexOf(entry), seq: update.seq, signed: update.signed })
    }
    for (const live of gone) {
      leave(holding, live)
      this.#ledger.remove(live)
    }
    this.#tidy(record)
    return { applied, stored }
  }

  /** Forgets what has ended; returns how many updates went. When the store fails, what it still has goes the next time. */
  async prune(record: RecordState, now: number): Promise<number> {
    for (const holding of record.holdings.values()) {
      for (const hash of holding.document.prune(now)) {
        const live = holding.live.get(hash)
        if (live !== undefined) {
          leave(holding, live)
          record.leftover.push(live)
        }
      }
    }
    const gone = record.leftover
    if (gone.length > 0) {
      await this.#store.commit({ put: [], drop: gone })
      record.leftover = []
      gone.forEach((live) => {
        this.#ledger.remove(live)
      })
    }
    this.#tidy(record)
    return gone.length
  }

  /** What shows at `now`, writer by writer. */
  views(record: RecordState, now: number): Map<string, View> {
    const views = new Map<string, View>()
    for (const [writer, { document, unsigned }] of record.holdings) {
      const shown = document.show(now)
      if (shown !== undefined) {
        views.set(writer, { document: shown, signed: unsigned === 0, next: document.next(now) })
      }
    }
    return views
  }

  /** When something of the record ends next, or undefined. */
  next(record: RecordState, now: number): number | undefined {
    let first: number | undefined
    for (const { document } of record.holdings.values()) {
      const next = document.next(now)
      if (next !== undefined && (first === undefined || next < first)) {
        first = next
      }
    }
    return first
  }

  async #commit(record: RecordState, put: StoreEntry[], drop: LiveUpdate[]): Promise<void> {
    try {
      await this.#store.commit({ put, drop })
    } catch (cause) {
      // the document has joined what the store may not have: the store's word counts
      this.#resident.delete(record.id)
      this.#doubtful.set(record.id, chargesOf(record))
      throw new VmError('VM_STORAGE', 'the store failed to keep the update', {
        retryable: true,
        applied: 'unknown',
        cause,
      })
    }
  }

  async #read(id: string): Promise<RecordState> {
    const record: RecordState = { id, holdings: new Map(), leftover: [] }
    const entries = await this.#entries(id)
    for (const entry of entries) {
      await this.#restore(record, entry)
    }
    const doubted = this.#doubtful.get(id)
    if (doubted !== undefined) {
      doubted.forEach((live) => {
        this.#ledger.remove(live)
      })
      entries.forEach((entry) => {
        this.#ledger.add(entry)
      })
      this.#doubtful.delete(id)
    }
    if (entries.length > 0) {
      this.#resident.set(id, record)
    }
    return record
  }

  async #entries(id: string): Promise<StoreEntry[]> {
    try {
      return await this.#store.read(id)
    } catch (cause) {
      throw new VmError('VM_STORAGE', 'the store failed to read the record', { retryable: true, cause })
    }
  }

  /** Joins what the store had; the ledger knows it already. */
  async #restore(record: RecordState, entry: StoreEntry): Promise<void> {
    try {
      const update = await this.#updates.decode(entry.bytes)
      const holding = record.holdings.get(entry.writer) ?? emptyHolding()
      record.holdings.set(entry.writer, holding)
      const { dropped } = holding.document.apply(updateOf(update))
      join(holding, { ...indexOf(entry), seq: update.seq, signed: update.signed })
      for (const hash of dropped) {
        const live = holding.live.get(hash)
        if (live !== undefined) {
          leave(holding, live)
          record.leftover.push(live)
        }
      }
    } catch (cause) {
      throw new VmError('VM_CORRUPT', 'the store holds something under this key that cannot be read', { cause })
    }
  }

  #keep(record: RecordState, holding: Holding, live: LiveUpdate): void {
    this.#resident.set(record.id, record)
    record.holdings.set(live.writer, holding)
    // what could not be dropped before is wanted again
    record.leftover = record.leftover.filter((old) => {
      if (old.hash === live.hash) {
        this.#ledger.remove(old)
      }
      return old.hash !== live.hash
    })
    join(holding, live)
    this.#ledger.add(live)
  }

  /** A document without live updates is no more, and a record without documents neither. */
  #tidy(record: RecordState): void {
    for (const [writer, { live }] of record.holdings) {
      if (live.size === 0) {
        record.holdings.delete(writer)
      }
    }
    if (record.holdings.size === 0 && record.leftover.length === 0) {
      this.#resident.delete(record.id)
    }
  }
}

function emptyHolding(): Holding {
  return { document: createDocument(), live: new Map(), unsigned: 0 }
}

function join(holding: Holding, live: LiveUpdate): void {
  holding.live.set(live.hash, live)
  holding.unsigned += live.signed ? 0 : 1
}

function leave(holding: Holding, live: LiveUpdate): void {
  holding.live.delete(live.hash)
  holding.unsigned -= live.signed ? 0 : 1
}

function updateOf({ seq, hash, expires, retain, body }: DecodedUpdate): Update {
  return { seq, hash, expires, retain, body }
}

function indexOf({ record, hash, retain, writer, payer, charge }: StoreEntry): StoreIndex {
  return { record, hash, retain, writer, payer, charge }
}

function chargesOf(record: RecordState): LiveUpdate[] {
  return [...record.leftover, ...[...record.holdings.values()].flatMap(({ live }) => [...live.values()])]
}
