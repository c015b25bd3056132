import type { GatheringWriter, ServedPart, ServedWatch } from '@sr/protocol'
import { encodePart, partMessage, type SharedMessage } from '@sr/protocol/messages'
import { partItems, unnamed } from './wire-items.ts'

/** Bytes that wait on the stream above which a watch sends nothing more. */
const MAX_WAITING_BYTES = 256 * 1024

/**
 * Parts sent, by all watches, before a watch waits for its turn. A part that is encoded already takes about 2 µs, and those of
 * one change that follow each other are sent in one write for each stream.
 */
const PARTS_PER_TURN = 500

/** parts sent since a watch had its turn, and the turn that all wait for when there are too many */
let burst = 0
let nextTurn: Promise<void> | undefined

/** Encoded parts: watches with equal options receive the same object. */
const ENCODED = new WeakMap<ServedPart, readonly SharedMessage[]>()

/** What a watch sends through. */
export interface WatchStreamInit {
  readonly id: number
  readonly writer: GatheringWriter
  /** bytes that may be sent at first */
  readonly credit: number
  /** lets other peers have their turns */
  readonly turn: () => Promise<void> | undefined
  /** counts documents and changes that are left out */
  readonly leaveOut: (count: number) => void
}

/** Sends the parts of one watch, as far as its client has given credit. */
export class WatchStream {
  readonly #init: WatchStreamInit
  #watch: ServedWatch | undefined
  #credit: number
  #wake: (() => void) | undefined
  #ended = false
  /** since when it has something to send and no credit, in steady time; undefined while that is not so */
  #starvingSince: number | undefined

  constructor(init: WatchStreamInit) {
    this.#init = init
    this.#credit = init.credit
  }

  /** since when it has had no credit for what it has to send, in steady time, milliseconds */
  get starvingSince(): number | undefined {
    return this.#starvingSince
  }

  /** More bytes that may be sent; 0 asks for a marker. */
  give(bytes: number): void {
    if (bytes === 0) {
      this.#watch?.mark()
      return
    }
    this.#credit = Math.min(Number.MAX_SAFE_INTEGER, this.#credit + bytes)
    this.#wake?.()
  }

  /** Sends parts until the watch ends. Rejects with what ended the machine's watch. */
  async run(watch: ServedWatch): Promise<void> {
    this.#watch = watch
    while (!this.#ended) {
      const { value: part } = await watch.next()
      if (part === undefined) {
        return
      }
      if ('documents' in part) {
        this.#init.leaveOut(unnamed(part.documents))
      }
      if (isLong(part) && !ENCODED.has(part)) {
        await this.#turn()
      }
      for (const message of encode(part)) {
        if (!this.#isReady) {
          await this.#ready()
        }
        if (this.#ended) {
          return
        }
        this.#send(message)
      }
    }
  }

  /** Ends it without an answer. */
  end(): void {
    this.#ended = true
    this.#wake?.()
    this.#watch?.return().catch(() => {})
  }

  async #turn(): Promise<void> {
    nextTurn ??= (this.#init.turn() ?? Promise.resolve()).then(() => {
      burst = 0
      nextTurn = undefined
    })
    await nextTurn
  }

  get #isReady(): boolean {
    return this.#credit > 0 && this.#init.writer.pending < MAX_WAITING_BYTES && burst < PARTS_PER_TURN
  }

  /** Resolves when something may be sent, or the watch has ended. */
  async #ready(): Promise<void> {
    const { writer } = this.#init
    while (this.#credit <= 0 && !this.#ended) {
      this.#starvingSince ??= performance.now()
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    this.#starvingSince = undefined
    if (writer.pending >= MAX_WAITING_BYTES) {
      await writer.room(MAX_WAITING_BYTES)
    }
    while (burst >= PARTS_PER_TURN) {
      await this.#turn()
    }
  }

  #send(shared: SharedMessage): void {
    const message = partMessage(this.#init.id, shared)
    burst++
    this.#credit -= message.length
    this.#init.writer.send(message)
  }
}

/** Whether encoding a part may take a millisecond. */
function isLong(part: ServedPart): boolean {
  return (
    part.kind === 'snapshot' || (part.kind === 'changes' && part.documents.some(({ events }) => events.length > 100))
  )
}

function encode(part: ServedPart): readonly SharedMessage[] {
  const messages = ENCODED.get(part) ?? partItems(part).map(encodePart)
  ENCODED.set(part, messages)
  return messages
}
