import { ProtocolError, type Refusal, type RequestKind, type ServeContext } from '@sr/protocol'
import {
  encodeExplained,
  encodeInformed,
  encodePong,
  encodeUpdated,
  MAX_MESSAGE_BYTES,
  type Request,
  type UpdateRequest,
  type UpdateResult,
  type WatchRequest,
} from '@sr/protocol/messages'
import { latin1 } from '@sr/xr/codec-kit'
import type { ActiveRequest } from './active-requests.ts'
import { KeyQueue } from './key-queue.ts'
import { answerGet, answerQuery } from './reads.ts'
import { serverInfo, timeOf } from './server-info.ts'
import { explain, itemKey, submit } from './updates.ts'

/** What a {@link RequestHandler} is made of. */
export interface RequestHandlerInit {
  readonly context: ServeContext
  readonly network: string
  /** limits of a stream, as `info` returns them */
  readonly limits: Readonly<Record<string, number>>
  /** begins a watch */
  readonly watch: (active: ActiveRequest, request: WatchRequest) => Promise<void>
  /** the refusal for an error, counted */
  readonly refusal: (err: unknown) => Refusal
}

/** Does the work of the requests of one stream: those that touch one key in the order of the calls, others concurrently. */
export class RequestHandler {
  readonly #init: RequestHandlerInit
  readonly #context: ServeContext
  readonly #queue = new KeyQueue()

  constructor(init: RequestHandlerInit) {
    this.#init = init
    this.#context = init.context
  }

  /** The message that answers a request; undefined for a watch, which has none. */
  async answer(active: ActiveRequest, request: Request): Promise<Uint8Array | undefined> {
    const { machine, peer } = this.#context
    const { id } = active
    const signal = active.abort?.signal
    switch (request.op) {
      case 'update':
        return await this.#update(active, request)
      case 'get':
        return await this.#ordered(active, request.key, 'read', () => answerGet(this.#context, id, request, signal))
      case 'query':
        return await this.#ordered(active, request.key, 'read', () => answerQuery(this.#context, id, request, signal))
      case 'explain':
        return await this.#ordered(active, itemKey(request.item), 'update', async () => {
          return encodeExplained(id, await explain(request.item, this.#context), { now: timeOf(machine) })
        })
      case 'watch':
        await this.#ordered(active, request.key, 'read', () => this.#init.watch(active, request))
        return undefined
      case 'info':
        return await this.#work(active, 'read', async () => {
          const { network, limits } = this.#init
          return encodeInformed(id, await serverInfo(machine, { peer, network, limits }))
        })
      case 'ping':
        return await this.#work(active, 'read', async () => encodePong(id, timeOf(machine)))
      default:
        return undefined
    }
  }

  /** The items of one record in order. Each has a result; none depends on another. */
  async #update(active: ActiveRequest, { items }: UpdateRequest): Promise<Uint8Array> {
    const { machine } = this.#context
    const results = items.map(async (item) => {
      try {
        return await this.#ordered(active, itemKey(item), 'update', () => submit(item, this.#context))
      } catch (err) {
        return this.#init.refusal(err)
      }
    })
    const found = await Promise.all(results)
    const extra = { now: timeOf(machine) }
    const answer = encodeUpdated(active.id, found, extra)
    return answer.length > MAX_MESSAGE_BYTES ? encodeUpdated(active.id, found.map(withoutPaths), extra) : answer
  }

  /** Work on the record of a key, after what was asked of it before on this stream. */
  async #ordered<T>(active: ActiveRequest, key: Uint8Array, kind: RequestKind, work: () => Promise<T>): Promise<T> {
    return await this.#queue.run(latin1(key), () => this.#work(active, kind, work))
  }

  async #work<T>(active: ActiveRequest, kind: RequestKind, work: () => Promise<T>): Promise<T> {
    const { scheduler } = this.#context
    // most requests wait for neither, and do not pay for a promise
    const admitted = scheduler.admit(kind)
    if (admitted !== undefined) {
      await admitted
    }
    const turn = scheduler.turn()
    if (turn !== undefined) {
      await turn
    }
    if (active.answered) {
      throw new ProtocolError('PROTOCOL_CANCELLED', 'the request has ended')
    }
    active.begun = true
    return await work()
  }
}

/** A result without what may be long: paths repeat, and 256 results must fit into a frame. */
function withoutPaths(result: UpdateResult | Refusal): UpdateResult | Refusal {
  if ('status' in result) {
    const { path: _, ...rest } = result
    return rest
  }
  const { unread: _, ...rest } = result
  return rest
}
