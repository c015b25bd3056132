import type { Held } from './life.ts'
import { compareStamps, type Stamp } from './update.ts'

/** Updates to a chunk: large enough that few chunks are looked through, small enough that one is cheap to shift. */
const CHUNK = 256

/** Some updates with consecutive stamps, and what is known of them together. */
class Chunk {
  readonly items: Held[]
  /** nothing of these ends before this; may be too early, never too late */
  due = 0
  /** none of these is retained longer; may be too late, never too early */
  retain = Infinity

  constructor (items: Held[]) {
    this.items = items
  }

  tightenDue (): number {
    let due = Infinity
    for (const held of this.items) {
      due = Math.min(due, held.due(-1))
    }
    this.due = due
    return due
  }

  tightenRetain (): number {
    let retain = 0
    for (const held of this.items) {
      retain = Math.max(retain, held.retain)
    }
    this.retain = retain
    return retain
  }
}

/**
 * The updates of one document that are still needed, in the order of their stamps: a list of short
 * lists, so that every question costs far less than a walk over all.
 */
export class Ledger {
  readonly #chunks: Chunk[] = []
  #size = 0

  get size (): number {
    return this.#size
  }

  /** The update with the latest stamp. */
  get last (): Held | undefined {
    return this.#chunks.at(-1)?.items.at(-1)
  }

  find (stamp: Stamp): Held | undefined {
    const items = this.#chunks[this.#chunkOf(stamp)]?.items ?? []
    const held = items[place(items, stamp)]
    return held !== undefined && compareStamps(held, stamp) === 0 ? held : undefined
  }

  /** Whether another update of the same seq is here. */
  hasOther (stamp: Stamp): boolean {
    const { last } = this
    if (last === undefined || last.seq < stamp.seq) {
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

  insert (held: Held): void {
    this.#size++
    const last = this.#chunks.at(-1)
    if (last === undefined) {
      this.#chunks.push(fresh([held]))
      return
    }
    const at = this.#chunkOf(held)
    const chunk = this.#chunks[at] as Chunk
    chunk.items.splice(place(chunk.items, held), 0, held)
    chunk.due = Math.min(chunk.due, held.due(-1))
    chunk.retain = Math.max(chunk.retain, held.retain)
    if (chunk.items.length > CHUNK) {
      // what arrives in order fills its chunks; what does not halves them
      const cut = chunk === last && chunk.items.at(-1) === held ? CHUNK : CHUNK / 2
      this.#chunks.splice(at + 1, 0, fresh(chunk.items.splice(cut)))
    }
  }

  remove (held: Held): void {
    const at = this.#chunkOf(held)
    const items = this.#chunks[at]?.items ?? []
    const index = place(items, held)
    if (items[index] !== held) {
      return
    }
    this.#size--
    if (items.length === 1) {
      this.#chunks.splice(at, 1)
      return
    }
    items.splice(index, 1)
    if (items.length < CHUNK / 4) {
      this.#mergeWithNext(at)
    }
  }

  /** The latest retain, or 0. */
  get retain (): number {
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
      if (most.tightenRetain() === bound) {
        return bound
      }
    }
  }

  /** The first instant after `now` at which something ends, or Infinity. */
  next (now: number): number {
    let best = Infinity
    for (const chunk of this.#chunks) {
      if (chunk.due <= now) {
        for (const held of chunk.items) {
          best = Math.min(best, held.due(now))
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
      if (first.tightenDue() === bound) {
        return bound
      }
    }
  }

  /** The updates something of which ends at `now` or before, in stamp order. */
  ended (now: number): Held[] {
    const ended: Held[] = []
    for (const chunk of this.#chunks) {
      if (chunk.due <= now && chunk.tightenDue() <= now) {
        for (const held of chunk.items) {
          if (held.due(-1) <= now) {
            ended.push(held)
          }
        }
      }
    }
    return ended
  }

  /** Takes an update back into account whose end had been dealt with. */
  wake (held: Held): void {
    held.over = false
    const chunk = this.#chunks[this.#chunkOf(held)]
    if (chunk !== undefined) {
      chunk.due = Math.min(chunk.due, held.retain)
    }
  }

  * hashes (): IterableIterator<string> {
    for (const chunk of this.#chunks) {
      for (const held of chunk.items) {
        yield held.hash
      }
    }
  }

  * #from (stamp: Stamp): IterableIterator<Held> {
    const start = this.#chunkOf(stamp)
    for (let at = start; at < this.#chunks.length; at++) {
      const { items } = this.#chunks[at] as Chunk
      for (let i = at === start ? place(items, stamp) : 0; i < items.length; i++) {
        yield items[i] as Held
      }
    }
  }

  /** Keeps chunks from growing few and far between where most of their updates have gone. */
  #mergeWithNext (at: number): void {
    const chunk = this.#chunks[at] as Chunk
    const next = this.#chunks[at + 1]
    if (next !== undefined && chunk.items.length + next.items.length <= CHUNK / 2) {
      chunk.items.push(...next.items)
      chunk.due = Math.min(chunk.due, next.due)
      chunk.retain = Math.max(chunk.retain, next.retain)
      this.#chunks.splice(at + 1, 1)
    }
  }

  /** The chunk a stamp belongs in: the last whose first is not later; the first of all when every one is. */
  #chunkOf (stamp: Stamp): number {
    let low = 0
    let high = this.#chunks.length - 1
    // most come last
    if (high < 0 || compareStamps((this.#chunks[high] as Chunk).items[0] as Held, stamp) <= 0) {
      return Math.max(high, 0)
    }
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (compareStamps((this.#chunks[middle] as Chunk).items[0] as Held, stamp) <= 0) {
        low = middle
      } else {
        high = middle - 1
      }
    }
    return low
  }
}

function fresh (items: Held[]): Chunk {
  const chunk = new Chunk(items)
  chunk.tightenDue()
  chunk.tightenRetain()
  return chunk
}

/** Where in a sorted list a stamp stands, or would stand. */
function place (items: readonly Held[], stamp: Stamp): number {
  let low = 0
  let high = items.length
  if (high > 0 && compareStamps(items[high - 1] as Held, stamp) < 0) {
    return high
  }
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareStamps(items[middle] as Held, stamp) < 0) {
      low = middle + 1
    } else {
      high = middle
    }
  }
  return low
}
