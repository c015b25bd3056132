import { chargedBytes, type RecordState } from './record-state.ts'
import { type Link, RecencyList } from './recency-list.ts'

/** Records whose last change is remembered after they have left memory: about 100 bytes each. */
const MAX_REMEMBERED = 100_000

/** Records that one call looks at: most of them may be in use. */
const MAX_CHECKED = 64

/** A record in memory. */
interface Kept extends Link {
  readonly record: RecordState
  bytes: number
}

/** What is remembered of a record that is not in memory. */
interface Remembered {
  readonly counter: number
  /** until when what it shows stays the same, milliseconds since 1970 */
  readonly until: number
  /** the number of records that had left before */
  readonly left: number
}

/**
 * The records in memory, in the order of their last use: the least recently used ones leave when they are charged more than a
 * limit in all. Of those that left, it remembers when they changed last, so that a reader can still be told that nothing has.
 */
export class RecordCache {
  readonly #maxBytes: number
  readonly #isPinned: (record: RecordState) => boolean
  readonly #onLeave: (record: RecordState) => void
  readonly #untilOf: (record: RecordState) => number
  readonly #records = new Map<string, Kept>()
  readonly #order = new RecencyList<Kept>()
  readonly #remembered = new Map<string, Remembered>()
  /** whether any was forgotten, so that of a record that is not remembered nothing is known */
  #forgot = false
  #bytes = 0
  #left = 0

  /** `untilOf` tells until when what a record shows stays the same, as far as that is known. */
  constructor(
    maxBytes: number,
    isPinned: (record: RecordState) => boolean,
    onLeave: (record: RecordState) => void,
    untilOf: (record: RecordState) => number,
  ) {
    this.#maxBytes = maxBytes
    this.#isPinned = isPinned
    this.#onLeave = onLeave
    this.#untilOf = untilOf
  }

  /** number of records in memory */
  get size(): number {
    return this.#records.size
  }

  /** number of records that have left memory so far, for `hasLeftSince` */
  get left(): number {
    return this.#left
  }

  /** bytes that they are charged */
  get bytes(): number {
    return this.#bytes
  }

  /** A record in memory, as the most recently used one. */
  use(id: string): RecordState | undefined {
    const kept = this.#records.get(id)
    if (kept !== undefined) {
      this.#order.use(kept)
    }
    return kept?.record
  }

  /** A record in memory; its place in the order stays. */
  peek(id: string): RecordState | undefined {
    return this.#records.get(id)?.record
  }

  /** Adds a record, or notes its size again; then others may leave. */
  keep(record: RecordState): void {
    const bytes = chargedBytes(record)
    const kept = this.#records.get(record.id)
    this.#bytes += bytes - (kept?.bytes ?? 0)
    if (kept === undefined) {
      this.#remembered.delete(record.id)
      const added = { record, bytes, before: undefined, after: undefined }
      this.#records.set(record.id, added)
      this.#order.use(added)
    } else {
      kept.bytes = bytes
    }
    this.#shrink(record)
  }

  /** Removes a record from memory. */
  remove(record: RecordState, until: number = this.#untilOf(record)): void {
    const kept = this.#records.get(record.id)
    if (kept?.record === record) {
      this.#bytes -= kept.bytes
      this.#records.delete(record.id)
      this.#order.remove(kept)
      this.#onLeave(record)
    }
    this.#remember(record.id, { counter: record.counter, until, left: this.#left++ })
  }

  /**
   * When a record that is not in memory changed last, by the machine's counter: 0 for one that no call has used since the start;
   * undefined when that is not known at `now`.
   */
  changedAt(id: string, now: number): number | undefined {
    const remembered = this.#remembered.get(id)
    if (remembered === undefined) {
      return this.#forgot ? undefined : 0
    }
    return now < remembered.until ? remembered.counter : undefined
  }

  /** Whether a record has left memory since `left` was read, or whether that is not known. */
  hasLeftSince(id: string, left: number): boolean {
    const remembered = this.#remembered.get(id)
    return remembered === undefined ? this.#forgot && this.#left - left >= MAX_REMEMBERED : remembered.left >= left
  }

  #remember(id: string, remembered: Remembered): void {
    this.#remembered.delete(id)
    this.#remembered.set(id, remembered)
    if (this.#remembered.size > MAX_REMEMBERED) {
      const [oldest] = this.#remembered.keys()
      this.#remembered.delete(oldest as string)
      this.#forgot = true
    }
  }

  /** Lets the least recently used records leave while there is too much; the one in use stays. */
  #shrink(current: RecordState): void {
    for (
      let checked = Math.min(MAX_CHECKED, this.#records.size);
      checked > 0 && this.#bytes > this.#maxBytes;
      checked--
    ) {
      const oldest = this.#order.first as Kept
      if (oldest.record === current || this.#isPinned(oldest.record)) {
        this.#order.use(oldest) // it counts as used, so that the next call does not check it first again
      } else {
        this.remove(oldest.record)
      }
    }
  }
}
