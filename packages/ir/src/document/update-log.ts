import type { Stamp } from '../update.ts'
import { Chunk } from './chunk.ts'
import type { Expiry, LiveUpdate, TtlExpiry } from './state.ts'
import { TtlExpiries } from './ttl-expiries.ts'

/** Updates per chunk: large enough to keep the number of chunks small, small enough for a cheap insertion. */
const CHUNK = 256

/** An instant before all others. */
const NEVER = -1

const NONE: readonly never[] = []

/** The updates that a document still needs, in stamp order, in chunks with bounds: no query scans all updates. */
export class UpdateLog {
  #chunks: Chunk[] = []
  #size = 0
  /** expiries set by `$ttl`; few updates have any */
  #ttls: Map<LiveUpdate, TtlExpiries> | undefined
  /** updates past their retain, needed only by assertions of containers that still have children */
  #pastRetain: Set<LiveUpdate> | undefined
  /** upper bound of the retains in `#pastRetain` */
  #lastPastRetain = NEVER

  get size(): number {
    return this.#size
  }

  /** The update with the latest stamp. */
  get last(): LiveUpdate | undefined {
    return this.#chunks.at(-1)?.items.at(-1)
  }

  find(stamp: Stamp): LiveUpdate | undefined {
    const chunk = this.#isAfterAll(stamp) ? undefined : this.#chunks[this.#chunkIndexOf(stamp)]
    const update = chunk?.items[chunk.indexOf(stamp)]
    return update !== undefined && update.seq === stamp.seq && update.hash === stamp.hash ? update : undefined
  }

  /** Whether the log has another update with the same seq. */
  hasFork(stamp: Stamp): boolean {
    if (this.#isAfterAll(stamp)) {
      return false
    }
    for (const update of this.#updatesFrom({ seq: stamp.seq, hash: '' })) {
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
    const next = this.#isAfterAll(update)
    const at = next ? this.#chunks.length - 1 : this.#chunkIndexOf(update)
    const chunk = this.#chunks[at]
    const due = this.#due(update, NEVER)
    if (chunk === undefined) {
      this.#chunks = [new Chunk([update], due, update.retain)]
      return
    }
    if (next && chunk.size >= CHUNK) {
      // updates that arrive in order fill their chunks completely
      this.#chunks.push(new Chunk([update], due, update.retain))
      return
    }
    chunk.insert(update, next ? chunk.size : chunk.indexOf(update))
    chunk.lower(due)
    if (chunk.size > CHUNK) {
      this.#chunks.splice(at + 1, 0, chunk.split(CHUNK / 2))
    }
  }

  remove(update: LiveUpdate): void {
    this.#ttls?.delete(update)
    const chunk = this.#isAfterAll(update) ? undefined : this.#chunks[this.#chunkIndexOf(update)]
    const at = chunk?.indexOf(update) ?? 0
    if (chunk?.items[at] !== update) {
      return // never inserted: no component refers to it
    }
    this.#size--
    this.#pastRetain?.delete(update)
    chunk.remove(at)
    if (chunk.size < CHUNK / 4) {
      this.#shrink(chunk)
    }
  }

  /** The latest retain, ms, or 0. */
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

  /**
   * Returns the first instant after `now` at which an expiry or a retain passes, or Infinity. Reads the bounds of all chunks,
   * and the updates of those where something ended since the bound was computed, or where it may be inexact.
   */
  next(now: number): number {
    const best = this.#nextPastRetain(now)
    for (;;) {
      let first: Chunk | undefined
      let bound = best
      for (const chunk of this.#chunks) {
        const next = chunk.next(now) ?? this.#boundAfter(chunk, now)
        if (next < bound) {
          first = chunk
          bound = next
        }
      }
      if (first === undefined || this.#boundAfter(first, now) === bound) {
        return bound
      }
    }
  }

  /** The first retain after `now` of an update that prune has processed: there is one only after the clock was set back. */
  #nextPastRetain(now: number): number {
    let next = Infinity
    if (this.#lastPastRetain > now) {
      for (const { retain } of this.#pastRetain ?? NONE) {
        next = retain > now ? Math.min(next, retain) : next
      }
    }
    return next
  }

  /** Returns the updates with an expiry or a retain at `now` or earlier, in stamp order. */
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
      // the caller handles every update returned, so that nothing up to `now` remains
      chunk.due = this.#boundAfter(chunk, now)
    }
    return ended
  }

  /** Records that prune has processed the end of the update's retain. */
  markPastRetain(update: LiveUpdate): void {
    this.#pastRetain ??= new Set()
    this.#pastRetain.add(update)
    this.#lastPastRetain = Math.max(this.#lastPastRetain, update.retain)
  }

  isPastRetain(update: LiveUpdate): boolean {
    return this.#pastRetain?.has(update) === true
  }

  /** Returns the expiry of an update's `$ttl` that ends at `expires`. */
  ttlExpiry(update: LiveUpdate, expires: number): Expiry {
    this.#ttls ??= new Map()
    let expiries = this.#ttls.get(update)
    if (expiries === undefined) {
      expiries = new TtlExpiries(update)
      this.#ttls.set(update, expiries)
    }
    return expiries.at(expires)
  }

  /** Returns the expiries that an update sets by `$ttl`. */
  ttlExpiriesOf(update: LiveUpdate): Iterable<TtlExpiry> {
    return this.#ttls?.get(update) ?? NONE
  }

  /** Returns those of them that are pending and end at `now` or earlier. */
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

  /** Returns the first instant after `now` at which an expiry or the retain of an update passes, or Infinity. */
  #due(update: LiveUpdate, now: number): number {
    let due = this.#ttls?.get(update)?.next(now) ?? Infinity
    if (update.retain > now && update.retain < due && !this.isPastRetain(update)) {
      due = update.retain
    }
    return update.pending > 0 && update.expires > now ? Math.min(due, update.expires) : due
  }

  /** Computes and keeps the first end in a chunk after `now`. */
  #boundAfter(chunk: Chunk, now: number): number {
    let next = Infinity
    for (const update of chunk.items) {
      next = Math.min(next, this.#due(update, now))
    }
    chunk.keepNext(now, next)
    return next
  }

  /** Removes an empty chunk, or merges a small one with the next. */
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

  /** Whether a seq is later than all in the log, the most frequent case. */
  #isAfterAll({ seq }: Stamp): boolean {
    const seqs = this.#chunks[this.#chunks.length - 1]?.seqs
    return seqs === undefined || (seqs[seqs.length - 1] as number) < seq
  }

  *#updatesFrom(stamp: Stamp): IterableIterator<LiveUpdate> {
    const start = this.#chunkIndexOf(stamp)
    for (let at = start; at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at] as Chunk
      for (let i = at === start ? chunk.indexOf(stamp) : 0; i < chunk.size; i++) {
        yield chunk.items[i] as LiveUpdate
      }
    }
  }

  /** Returns the index of the chunk for a stamp: the last one that starts at or before it, else 0. */
  #chunkIndexOf(stamp: Stamp): number {
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
