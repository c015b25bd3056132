import { type GatheringWriter, ProtocolError, type ServeContext } from '@sr/protocol'
import type { WatchRequest } from '@sr/protocol/messages'
import { countUnnamed, readPath, selection } from './reads.ts'
import { WatchStream } from './watch-stream.ts'

/** What the watches of a stream work with. */
export interface StreamWatchesInit {
  readonly context: ServeContext
  readonly writer: GatheringWriter
  /** most watches */
  readonly max: number
  /** time without credit, milliseconds */
  readonly creditMs: number
  /** sends the end of a watch */
  readonly refuse: (id: number, reason: unknown) => void
}

/** The watches of one stream, by the id of their request. */
export class StreamWatches {
  readonly #init: StreamWatchesInit
  readonly #watches = new Map<number, WatchStream>()
  /** why no watch is opened any more */
  #closed: ProtocolError | undefined

  constructor(init: StreamWatchesInit) {
    this.#init = init
  }

  get size(): number {
    return this.#watches.size
  }

  /** @throws ProtocolError `PROTOCOL_BUSY` when there are as many as may be, with those that are being opened */
  assertRoom(opening: number): void {
    const { max } = this.#init
    if (this.#watches.size + opening >= max) {
      throw new ProtocolError('PROTOCOL_BUSY', `watches are limited to ${max}`, {
        limit: 'watches',
        max,
        got: this.#watches.size + opening + 1,
      })
    }
  }

  /** Opens a watch and sends its parts from then on. `isWanted` tells whether its request was ended meanwhile. */
  async open(id: number, request: WatchRequest, isWanted: () => boolean): Promise<void> {
    const { context, writer } = this.#init
    const { machine, scheduler } = context
    const { key, credit, at, as, renewed, from } = request
    const options = { ...selection(request), at: readPath(at), as, renewed, from }
    const watch = await (machine.watch as NonNullable<typeof machine.watch>)(key, options)
    if (this.#closed !== undefined || !isWanted()) {
      await watch.return()
      throw this.#closed ?? new ProtocolError('PROTOCOL_CANCELLED', 'the request has ended')
    }
    const stream = new WatchStream({
      id,
      writer,
      credit,
      turn: () => scheduler.turn(),
      leaveOut: (count) => {
        countUnnamed(context, count)
      },
    })
    this.#watches.set(id, stream)
    stream.run(watch).then(
      () => {
        this.#end(id, stream, new ProtocolError('PROTOCOL_SHUTDOWN', 'the watch ended'))
      },
      (err: unknown) => {
        this.#end(id, stream, err)
      },
    )
  }

  /** Lets a watch send more; one that has ended needs nothing. */
  give(id: number, bytes: number): void {
    this.#watches.get(id)?.give(bytes)
  }

  /** Ends a watch with a refusal; returns whether there is one. */
  end(id: number, reason: ProtocolError): boolean {
    const watch = this.#watches.get(id)
    if (watch !== undefined) {
      this.#end(id, watch, reason)
    }
    return watch !== undefined
  }

  /** Ends all with a refusal, and those that are being opened. */
  endAll(reason: ProtocolError): void {
    this.#closed = reason
    for (const [id, watch] of this.#watches) {
      this.#end(id, watch, reason)
    }
  }

  /** Ends all without a message: the stream is over. */
  drop(reason: ProtocolError): void {
    this.#closed = reason
    for (const watch of this.#watches.values()) {
      watch.end()
    }
    this.#watches.clear()
  }

  /** Ends those that have had no credit for too long. */
  tick(now: number): void {
    const { creditMs } = this.#init
    for (const [id, watch] of this.#watches) {
      if (now - (watch.starvingSince ?? now) > creditMs) {
        this.#end(id, watch, new ProtocolError('PROTOCOL_SLOW_CONSUMER', `a watch had no credit for ${creditMs} ms`))
      }
    }
  }

  #end(id: number, watch: WatchStream, reason: unknown): void {
    if (this.#watches.get(id) === watch) {
      this.#watches.delete(id)
      watch.end()
      this.#init.refuse(id, reason)
    }
  }
}
