import type { Via } from '../admission/receipt.ts'
import { isSameEpoch } from '../watch/revision.ts'
import { PullIterator } from '../pull-iterator.ts'
import type { StoreIndex } from '../store/store.ts'

/** Events that a feed remembers for readers that are behind: about 5 s of the fastest writing on one machine, 4 MiB. */
const MAX_EVENTS = 16_384

/** A change of the store, after its commit. */
export interface StoreEvent {
  readonly kind: 'put' | 'drop'
  /** rises by one from event to event, from 1 */
  readonly number: number
  /** the record's id: `recordKey` turns it into the key */
  readonly record: string
  readonly writer: string
  /** SHA-256 of the update's payload, 64 lower-case hex digits */
  readonly hash: string
  /** milliseconds since 1970 */
  readonly retain: number
  readonly signed: boolean
  /** whether it stays on this machine */
  readonly local: boolean
  /** how the update that caused it came here; `own` for what has expired */
  readonly via: Via
}

/**
 * Events were forgotten before they were read, or a commit failed that may have had its effect: catch up from the store's index. The
 * next event has this number, or a later one.
 */
export interface FeedGap {
  readonly kind: 'gap'
  readonly number: number
}

/** A place in a feed. */
export interface FeedPosition {
  /** the epoch of the machine, as in `info().revision` */
  readonly epoch: Uint8Array
  /** the number of an event; 0 for before the first one */
  readonly number: number
}

/** Which events to read. */
export interface FeedOptions {
  /** the event read last; default: begin with the next one. What another run of the machine numbered is answered by a gap */
  readonly after?: FeedPosition
  /** ends the feed with its reason */
  readonly signal?: AbortSignal
}

/** The changes of a store in order, for any number of readers. Writers never wait for readers. */
export class Feed {
  readonly #events: StoreEvent[] = []
  readonly #readers = new Set<FeedReader>()
  readonly #epoch: Uint8Array
  /** the number before which nothing can be told: the store may have changed in a way that is not known */
  #unknown = 0
  /** the position in the ring of the next event is its number modulo the size */
  #next = 1

  constructor(epoch: Uint8Array) {
    this.#epoch = epoch
  }

  /** the number of the next event */
  get next(): number {
    return this.#next
  }

  /** the number of the first event that is remembered */
  get first(): number {
    return Math.max(1, this.#next - MAX_EVENTS, this.#unknown)
  }

  event(number: number): StoreEvent {
    return this.#events[number % MAX_EVENTS] as StoreEvent
  }

  append(kind: StoreEvent['kind'], { record, writer, hash, retain, signed, local }: StoreIndex, via: Via): void {
    const number = this.#next++
    this.#events[number % MAX_EVENTS] = { kind, number, record, writer, hash, retain, signed, local, via }
  }

  /** Tells all readers of a gap: a commit failed, and may have had its effect. */
  interrupt(): void {
    this.#unknown = ++this.#next
    this.wake()
  }

  /** Whether a place is one of this run. */
  isKnown({ epoch, number }: FeedPosition): boolean {
    return isSameEpoch({ epoch, counter: 0 }, { epoch: this.#epoch, counter: 0 }) && number < this.#next
  }

  /** Answers the readers that wait; called once after each commit. */
  wake(): void {
    for (const reader of this.#readers) {
      reader.wake()
    }
  }

  read(options: FeedOptions): FeedReader {
    const reader = new FeedReader(this, options, (ended) => {
      this.#readers.delete(ended)
    })
    this.#readers.add(reader)
    reader.begin()
    return reader
  }

  /** Ends all readers with an error. */
  close(reason: unknown): void {
    for (const reader of this.#readers) {
      reader.end(reason)
    }
  }
}

/** One reader of a feed. It keeps nothing but its place. */
export class FeedReader extends PullIterator<StoreEvent | FeedGap> {
  readonly #feed: Feed
  #place: number

  constructor(feed: Feed, { after, signal }: FeedOptions, onEnd: (reader: FeedReader) => void) {
    super(signal, () => {
      onEnd(this)
    })
    this.#feed = feed
    this.#place = after === undefined ? feed.next : feed.isKnown(after) ? after.number + 1 : 0
  }

  protected override take(): StoreEvent | FeedGap | undefined {
    const { first, next } = this.#feed
    if (this.#place < first) {
      this.#place = first
      return { kind: 'gap', number: first }
    }
    return this.#place < next ? this.#feed.event(this.#place++) : undefined
  }
}
