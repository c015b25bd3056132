import type { Request } from '@sr/protocol/messages'

/** A request whose work has not ended. */
export interface ActiveRequest {
  readonly id: number
  readonly op: Request['op']
  /** bytes of its message */
  readonly bytes: number
  /** when its time is up, steady time, milliseconds */
  readonly deadline: number
  /** whether its work has begun */
  begun: boolean
  /** whether its answer or refusal was sent; its work may still go on */
  answered: boolean
  /** aborts long reads; made for those that have more than one step */
  readonly abort: AbortController | undefined
}

/** The requests of a stream: a slot and its bytes are given back when the work has ended, not when it is cancelled. */
export class ActiveRequests {
  readonly #requests = new Map<number, ActiveRequest>()
  #bytes = 0
  #watches = 0

  /** watches that are being opened */
  get watches(): number {
    return this.#watches
  }

  get size(): number {
    return this.#requests.size
  }

  /** bytes of their messages */
  get bytes(): number {
    return this.#bytes
  }

  get(id: number): ActiveRequest | undefined {
    return this.#requests.get(id)
  }

  add(request: ActiveRequest): void {
    this.#requests.set(request.id, request)
    this.#bytes += request.bytes
    this.#watches += request.op === 'watch' ? 1 : 0
  }

  /** The work has ended. */
  delete(request: ActiveRequest): void {
    if (this.#requests.delete(request.id)) {
      this.#bytes -= request.bytes
      this.#watches -= request.op === 'watch' ? 1 : 0
    }
  }

  /** Those whose time is up and that were not answered. */
  *late(now: number): Iterable<ActiveRequest> {
    for (const request of this.#requests.values()) {
      if (!request.answered && now >= request.deadline) {
        yield request
      }
    }
  }
}
