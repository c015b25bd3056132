import { Chunk } from './chunk.ts'
import type { Held, Life, OtherLife } from './life.ts'
import { TtlLives } from './ttl-lives.ts'
import type { Stamp } from './update.ts'

/** Updates to a chunk: large enough that few chunks are looked through, small enough that one is cheap to shift. */
const CHUNK = 256

/** Before all instants. */
const NEVER = -1

const NONE: readonly never[] = []

/**
 * The updates of one document that are still needed, in the order of their stamps: a list of short
 * lists, so that every question costs far less than a walk over all.
 */
export class Ledger {
  #chunks: Chunk[] = []
  #size = 0
  /** lives that updates give by `$ttl`; few updates have any */
  #ttls: Map<Held, TtlLives> | undefined
  /** updates whose retain has passed, and which are kept by assertions that wait for their children to go */
  #over: Set<Held> | undefined

  get size(): number {
    return this.#size
  }

  /** The update with the latest stamp. */
  get last(): Held | undefined {
    return this.#chunks.at(-1)?.items.at(-1)
  }

  find(stamp: Stamp): Held | undefined {
    const chunk = this.#isNext(stamp) ? undefined : this.#chunks[this.#chunkOf(stamp)]
    const held = chunk?.items[chunk.place(stamp)]
    return held !== undefined && held.seq === stamp.seq && held.hash === stamp.hash ? held : undefined
  }

  /** Whether another update of the same seq is here. */
  hasOther(stamp: Stamp): boolean {
    if (this.#isNext(stamp)) {
      return false
    }
    for (const held of this.#from({ seq: stamp.seq, hash: '' })) {
      if (held.seq !== stamp.seq) {
        return false
      }
      if (held.hash !== stamp.hash) {
        return true
      }
    }
    return false
  }

  insert(held: Held): void {
    this.#size++
    const next = this.#isNext(held)
    const at = next ? this.#chunks.length - 1 : this.#chunkOf(held)
    const chunk = this.#chunks[at]
    const due = this.#due(held, NEVER)
    if (chunk === undefined) {
      this.#chunks = [new Chunk([held], due, held.retain)]
      return
    }
    if (next && chunk.size >= CHUNK) {
      // what arrives in order fills its chunks
      this.#chunks.push(new Chunk([held], due, held.retain))
      return
    }
    chunk.insert(held, next ? chunk.size : chunk.place(held))
    chunk.due = Math.min(chunk.due, due)
    if (chunk.size > CHUNK) {
      this.#chunks.splice(at + 1, 0, chunk.split(CHUNK / 2))
    }
  }

  remove(held: Held): void {
    this.#ttls?.delete(held)
    const { chunk } = held
    if (chunk === undefined) {
      return // it was not needed from the start
    }
    this.#size--
    this.#over?.delete(held)
    chunk.remove(held)
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
        for (const held of chunk.items) {
          best = Math.min(best, this.#due(held, now))
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
  ended(now: number): Held[] {
    const ended: Held[] = []
    for (const chunk of this.#chunks) {
      if (chunk.due > now) {
        continue
      }
      for (const held of chunk.items) {
        if (this.#due(held, NEVER) <= now) {
          ended.push(held)
        }
      }
      // whoever asks deals with these, and nothing else of the chunk ends so early; instants are whole
      chunk.due = Math.floor(now) + 1
    }
    return ended
  }

  /** The end of an update's retain has been dealt with. */
  rest(held: Held): void {
    this.#over ??= new Set()
    this.#over.add(held)
  }

  isAtRest(held: Held): boolean {
    return this.#over?.has(held) === true
  }

  /** The life that an update gives by a `$ttl` which ends then. */
  otherLife(held: Held, expires: number): Life {
    this.#ttls ??= new Map()
    let lives = this.#ttls.get(held)
    if (lives === undefined) {
      lives = new TtlLives(held)
      this.#ttls.set(held, lives)
    }
    return lives.at(expires)
  }

  /** The lives that an update gives by `$ttl`. */
  othersOf(held: Held): Iterable<OtherLife> {
    return this.#ttls?.get(held) ?? NONE
  }

  /** Those of them that end at `now` or before, and are waited for. */
  endedOf(held: Held, now: number): Iterable<OtherLife> {
    return this.#ttls?.get(held)?.ended(now) ?? NONE
  }

  *hashes(): IterableIterator<string> {
    for (const chunk of this.#chunks) {
      for (const held of chunk.items) {
        yield held.hash
      }
    }
  }

  /** The first instant after `now` at which something of an update ends, or Infinity. */
  #due(held: Held, now: number): number {
    let due = this.#ttls?.get(held)?.next(now) ?? Infinity
    if (held.retain > now && held.retain < due && !this.isAtRest(held)) {
      due = held.retain
    }
    return held.uses > 0 && held.expires > now ? Math.min(due, held.expires) : due
  }

  /** When something of a chunk ends first, exactly. */
  #tighten(chunk: Chunk): number {
    chunk.due = Infinity
    for (const held of chunk.items) {
      chunk.due = Math.min(chunk.due, this.#due(held, NEVER))
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

  *#from(stamp: Stamp): IterableIterator<Held> {
    const start = this.#chunkOf(stamp)
    for (let at = start; at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at] as Chunk
      for (let i = at === start ? chunk.place(stamp) : 0; i < chunk.size; i++) {
        yield chunk.items[i] as Held
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
      if (first < stamp.seq || (first === stamp.seq && (chunk.items[0] as Held).hash <= stamp.hash)) {
        low = middle
      } else {
        high = middle - 1
      }
    }
    return low
  }
}
