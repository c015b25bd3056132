import type { Via } from '../admission/receipt.ts'
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

/** Events were forgotten before they were read: catch up from the store's index. The next event has this number. */
export interface FeedGap {
  readonly kind: 'gap'
  readonly number: number
}

/** Which events to read. */
export interface FeedOptions {
  /** the number of the event read last; default: begin with the next one */
  readonly after?: number
  /** ends the feed with its reason */
  readonly signal?: AbortSignal
}

/** The changes of a store in order, for any number of readers. Writers never wait for readers. */
export class Feed {
  readonly #events: StoreEvent[] = []
  readonly #readers = new Set<FeedReader>()
  /** the position in the ring of the next event is its number modulo the size */
  #next = 1

  /** the number of the next event */
  get next(): number {
    return this.#next
  }

  /** the number of the first event that is remembered */
  get first(): number {
    return Math.max(1, this.#next - MAX_EVENTS)
  }

  event(number: number): StoreEvent {
    return this.#events[number % MAX_EVENTS] as StoreEvent
  }

  append(kind: StoreEvent['kind'], { record, writer, hash, retain, signed, local }: StoreIndex, via: Via): void {
    const number = this.#next++
    this.#events[number % MAX_EVENTS] = { kind, number, record, writer, hash, retain, signed, local, via }
  }

  /** Answers the readers that wait; called once after each commit. */
  wake(): void {
    for (const reader of this.#readers) {
      reader.wake()
    }
  }

  read(options: FeedOptions): FeedReader {
    const reader: FeedReader = new FeedReader(this, options, () => {
      this.#readers.delete(reader)
    })
    this.#readers.add(reader)
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

  constructor(feed: Feed, { after, signal }: FeedOptions, onEnd: () => void) {
    super(signal, onEnd)
    this.#feed = feed
    this.#place = after === undefined ? feed.next : Math.min(after + 1, feed.next)
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
