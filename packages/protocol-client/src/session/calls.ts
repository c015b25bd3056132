import { type ByteDuplex, ProtocolError } from '@sr/protocol'
import type { Request } from '@sr/protocol/messages'
import { Call, type CallOwner, type Outcome } from './call.ts'
import { Connector } from './connector.ts'
import type { RecordStream } from './record-stream.ts'

/** Requests under way on one stream: a server refuses more. */
const MAX_UNDER_WAY = 128

/** How a request is made. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /** when the call fails, of `performance.now`; default: after the session's time */
  readonly deadline?: number | undefined
}

/** The calls to one peer: it sends them on one stream, in order, and again when that is safe. */
export class Calls implements CallOwner {
  readonly #timeoutMs: number
  readonly #connector: Connector
  readonly #calls = new Set<Call>()
  #queue: Call[] = []

  constructor(
    open: (signal: AbortSignal) => Promise<ByteDuplex>,
    { timeoutMs, idleMs }: { timeoutMs: number; idleMs: number },
  ) {
    this.#timeoutMs = timeoutMs
    this.#connector = new Connector(
      open,
      { timeoutMs, idleMs },
      {
        isBusy: () => this.#calls.size > 0,
        changed: () => this.#send(),
        look: (now) => this.#look(now),
        unreachable: (error) => {
          for (const call of this.#queue.splice(0)) {
            call.unreachable(error)
          }
        },
      },
    )
  }

  get idle(): boolean {
    return this.#calls.size === 0 && this.#connector.idle
  }

  get timeoutMs(): number {
    return this.#timeoutMs
  }

  /** Makes a request. Rejects with a ProtocolError. */
  ask(request: Request, { signal, deadline }: CallOptions = {}): Promise<Outcome> {
    const call = new Call(this, request, deadline ?? performance.now() + this.#timeoutMs, signal)
    this.#calls.add(call)
    if (signal?.aborted === true) {
      call.giveUp(new ProtocolError('PROTOCOL_ABORTED', "the caller's signal aborted", { cause: signal.reason }))
    } else {
      this.enqueue(call)
      this.#connector.wake()
    }
    return call.promise
  }

  /** A stream for a watch, opened unless there is one. Rejects with a ProtocolError. */
  async stream(): Promise<RecordStream> {
    return await this.#connector.stream()
  }

  check(): void {
    this.#connector.check()
  }

  /** Ends the stream and fails all calls. */
  close(error: ProtocolError): void {
    this.#queue = []
    for (const call of this.#calls) {
      call.giveUp(error)
    }
    this.#connector.close(error)
  }

  enqueue(call: Call): void {
    call.isQueued = true
    this.#queue.push(call)
    this.#send()
  }

  ended(call: Call): void {
    this.#calls.delete(call)
    if (call.isQueued) {
      this.#queue = this.#queue.filter((other) => other !== call)
    }
  }

  #send(): void {
    if (this.#queue.length === 0) {
      return
    }
    const stream = this.#connector.usable
    if (stream === undefined) {
      this.#connector.open()
      return
    }
    const now = performance.now()
    let count = 0
    while (count < this.#queue.length && stream.underWay < MAX_UNDER_WAY) {
      ;(this.#queue[count++] as Call).send(stream, now)
    }
    this.#queue.splice(0, count)
  }

  #look(now: number): void {
    for (const call of this.#calls) {
      if (now >= call.deadline) {
        call.expire(this.#timeoutMs)
      }
    }
  }
}
