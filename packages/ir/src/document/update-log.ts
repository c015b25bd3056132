import { UpdateChunk } from './update-chunk.ts'
import { TtlExpiries } from './ttl-expiries.ts'
import type { Stamp } from '../update.ts'
import type { Expiry, LiveUpdate, TtlExpiry } from './state.ts'

type Chunk = UpdateChunk<LiveUpdate>

/** Updates to a chunk: large enough that few chunks are looked through, small enough that one is cheap to shift. */
const CHUNK = 256

/** Before all instants. */
const NEVER = -1

const NONE: readonly never[] = []

/**
 * The updates of one document that are still needed, in the order of their stamps: a list of short
 * lists, so that every question costs far less than a walk over all.
 */
export class UpdateLog {
  #chunks: Chunk[] = []
  #size = 0
  /** lives that updates give by `$ttl`; few updates have any */
  #ttls: Map<LiveUpdate, TtlExpiries> | undefined
  /** updates whose retain has passed, and which are kept by assertions that wait for their children to go */
  #over: Set<LiveUpdate> | undefined

  get size(): number {
    return this.#size
  }

  /** The update with the latest stamp. */
  get last(): LiveUpdate | undefined {
    return this.#chunks.at(-1)?.items.at(-1)
  }

  find(stamp: Stamp): LiveUpdate | undefined {
    const chunk = this.#isNext(stamp) ? undefined : this.#chunks[this.#chunkOf(stamp)]
    const update = chunk?.items[chunk.place(stamp)]
    return update !== undefined && update.seq === stamp.seq && update.hash === stamp.hash ? update : undefined
  }

  /** Whether another update of the same seq is here. */
  hasFork(stamp: Stamp): boolean {
    if (this.#isNext(stamp)) {
      return false
    }
    for (const update of this.#from({ seq: stamp.seq, hash: '' })) {
      if (update.seq !== stamp.seq) {
        return false
      }
      if (update.hash !== stamp.hash) {
        return true
      }
    }
    return false
  }

  insert(update: LiveUpdate): void {
    this.#size++
    const next = this.#isNext(update)
    const at = next ? this.#chunks.length - 1 : this.#chunkOf(update)
    const chunk = this.#chunks[at]
    const due = this.#due(update, NEVER)
    if (chunk === undefined) {
      this.#chunks = [new UpdateChunk([update], due, update.retain)]
      return
    }
    if (next && chunk.size >= CHUNK) {
      // what arrives in order fills its chunks
      this.#chunks.push(new UpdateChunk([update], due, update.retain))
      return
    }
    chunk.insert(update, next ? chunk.size : chunk.place(update))
    chunk.due = Math.min(chunk.due, due)
    if (chunk.size > CHUNK) {
      this.#chunks.splice(at + 1, 0, chunk.split(CHUNK / 2))
    }
  }

  remove(update: LiveUpdate): void {
    this.#ttls?.delete(update)
    const { chunk } = update
    if (chunk === undefined) {
      return // it was not needed from the start
    }
    this.#size--
    this.#over?.delete(update)
    chunk.remove(update)
    if (chunk.size < CHUNK / 4) {
      this.#shrink(chunk)
    }
  }

  /** The latest retain, or 0. */
  get retain(): number {
    for (;;) {
      let most: Chunk | undefined
      for (const chunk of this.#chunks) {
        if (most === undefined || chunk.retain > most.retain) {
          most = chunk
        }
      }
      if (most === undefined) {
        return 0
      }
      const bound = most.retain
      if (most.latestRetain() === bound) {
        return bound
      }
    }
  }

  /** The first instant after `now` at which something ends, or Infinity. */
  next(now: number): number {
    let best = Infinity
    for (const chunk of this.#chunks) {
      if (chunk.due <= now) {
        for (const update of chunk.items) {
          best = Math.min(best, this.#due(update, now))
        }
      }
    }
    for (;;) {
      let first: Chunk | undefined
      for (const chunk of this.#chunks) {
        if (chunk.due > now && chunk.due < best && (first === undefined || chunk.due < first.due)) {
          first = chunk
        }
      }
      if (first === undefined) {
        return best
      }
      const bound = first.due
      if (this.#tighten(first) === bound) {
        return bound
      }
    }
  }

  /** The updates something of which ends at `now` or before, in stamp order. */
  ended(now: number): LiveUpdate[] {
    const ended: LiveUpdate[] = []
    for (const chunk of this.#chunks) {
      if (chunk.due > now) {
        continue
      }
      for (const update of chunk.items) {
        if (this.#due(update, NEVER) <= now) {
          ended.push(update)
        }
      }
      // whoever asks deals with these, and nothing else of the chunk ends so early; instants are whole
      chunk.due = Math.floor(now) + 1
    }
    return ended
  }

  /** The end of an update's retain has been dealt with. */
  markPastRetain(update: LiveUpdate): void {
    this.#over ??= new Set()
    this.#over.add(update)
  }

  isPastRetain(update: LiveUpdate): boolean {
    return this.#over?.has(update) === true
  }

  /** The life that an update gives by a `$ttl` which ends then. */
  expiryOfTtl(update: LiveUpdate, expires: number): Expiry {
    this.#ttls ??= new Map()
    let expiries = this.#ttls.get(update)
    if (expiries === undefined) {
      expiries = new TtlExpiries(update)
      this.#ttls.set(update, expiries)
    }
    return expiries.at(expires)
  }

  /** The lives that an update gives by `$ttl`. */
  ttlExpiriesOf(update: LiveUpdate): Iterable<TtlExpiry> {
    return this.#ttls?.get(update) ?? NONE
  }

  /** Those of them that end at `now` or before, and are waited for. */
  endedTtlExpiriesOf(update: LiveUpdate, now: number): Iterable<TtlExpiry> {
    return this.#ttls?.get(update)?.ended(now) ?? NONE
  }

  *hashes(): IterableIterator<string> {
    for (const chunk of this.#chunks) {
      for (const update of chunk.items) {
        yield update.hash
      }
    }
  }

  /** The first instant after `now` at which something of an update ends, or Infinity. */
  #due(update: LiveUpdate, now: number): number {
    let due = this.#ttls?.get(update)?.next(now) ?? Infinity
    if (update.retain > now && update.retain < due && !this.isPastRetain(update)) {
      due = update.retain
    }
    return update.pending > 0 && update.expires > now ? Math.min(due, update.expires) : due
  }

  /** When something of a chunk ends first, exactly. */
  #tighten(chunk: Chunk): number {
    chunk.due = Infinity
    for (const update of chunk.items) {
      chunk.due = Math.min(chunk.due, this.#due(update, NEVER))
    }
    return chunk.due
  }

  /** Keeps chunks from growing few and far between where most of their updates have gone. */
  #shrink(chunk: Chunk): void {
    const at = this.#chunks.indexOf(chunk)
    if (chunk.size === 0) {
      this.#chunks.splice(at, 1)
      return
    }
    const next = this.#chunks[at + 1]
    if (next !== undefined && chunk.size + next.size <= CHUNK / 2) {
      chunk.append(next)
      this.#chunks.splice(at + 1, 1)
    }
  }

  /** Whether a seq comes after all that are here, as most do. */
  #isNext({ seq }: Stamp): boolean {
    const seqs = this.#chunks[this.#chunks.length - 1]?.seqs
    return seqs === undefined || (seqs[seqs.length - 1] as number) < seq
  }

  *#from(stamp: Stamp): IterableIterator<LiveUpdate> {
    const start = this.#chunkOf(stamp)
    for (let at = start; at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at] as Chunk
      for (let i = at === start ? chunk.place(stamp) : 0; i < chunk.size; i++) {
        yield chunk.items[i] as LiveUpdate
      }
    }
  }

  /** The chunk a stamp belongs in: the last whose first is not later; the first of all when every one is. */
  #chunkOf(stamp: Stamp): number {
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      const chunk = this.#chunks[middle] as Chunk
      const first = chunk.seqs[0] as number
      if (first < stamp.seq || (first === stamp.seq && (chunk.items[0] as LiveUpdate).hash <= stamp.hash)) {
        low = middle
      } else {
        high = middle - 1
      }
    }
    return low
  }
}
