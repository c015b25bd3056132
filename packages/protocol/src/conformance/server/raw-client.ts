import { encode as encodeNode } from '@sr/xr/dag-cbor'
import { type CborValue, encode } from '@sr/xr/cbor'
import { after } from '@sr/runtime'
import { from, type Plain } from '@sr/xr'
import type { ByteDuplex } from '../../duplex.ts'
import { ProtocolError } from '../../errors.ts'
import { frame } from '../../frame.ts'
import { FrameReader } from '../../frame-reader.ts'
import {
  encodeRequest,
  type GetRequest,
  type Got,
  type OwnItem,
  type Part,
  readGot,
  readPart,
  readRefusal,
  readServerMessage,
  readUpdated,
  type Request,
  type ServerMessage,
  type UpdateItem,
  type UpdateResult,
} from '../../messages/index.ts'

/** How long a case waits for a message, milliseconds. */
const PATIENCE_MS = 10_000

/** One stream to a server: it sends what a case asks for, and receives message by message. */
export class RawClient {
  readonly #duplex: ByteDuplex
  readonly #reader = new FrameReader()
  /** messages for other ids than the one that was waited for */
  readonly #others: ServerMessage[] = []
  /** a read that has begun and that nothing waits for yet */
  #pending: Promise<ServerMessage | undefined> | undefined

  constructor(duplex: ByteDuplex) {
    this.#duplex = duplex
  }

  /** Sends bytes as they are. */
  write(bytes: Uint8Array): void {
    this.#duplex.write(bytes).catch(() => {})
  }

  /** Sends any message. */
  message(value: CborValue): void {
    this.write(frame(encode(value)))
  }

  send(id: number, request: Request): void {
    this.write(frame(encodeRequest(id, request)))
  }

  /** The next message; undefined when the server has ended its side. */
  async next(): Promise<ServerMessage | undefined> {
    return this.#others.shift() ?? (await this.#receive())
  }

  /** The next message with an id. */
  async answer(id: number): Promise<ServerMessage> {
    const at = this.#others.findIndex((message) => message.id === id)
    if (at >= 0) {
      return this.#others.splice(at, 1)[0] as ServerMessage
    }
    for (;;) {
      const message = await this.#receive()
      if (message === undefined) {
        throw new Error(`expected a message for request ${id}, found the end of the stream`)
      }
      if (message.id === id) {
        return message
      }
      this.#others.push(message)
    }
  }

  async ask(id: number, request: Request): Promise<ServerMessage> {
    this.send(id, request)
    return await this.answer(id)
  }

  async update(id: number, ...items: readonly UpdateItem[]): Promise<Array<UpdateResult | ProtocolError>> {
    return readUpdated(await this.ask(id, { op: 'update', items }))
  }

  async get(id: number, key: string, options: Omit<Partial<GetRequest>, 'op' | 'key'> = {}): Promise<Got> {
    const request: GetRequest = { op: 'get', key: keyOf(key), ...options }
    return readGot(await this.ask(id, request), options.as ?? 'view')
  }

  /** The next part of a watch. */
  async part(id: number): Promise<Part> {
    const message = await this.answer(id)
    const part = message.type === 'part' ? readPart(message) : undefined
    if (part === undefined) {
      throw new Error(`expected a part of watch ${id}, found ${codeOf(message) ?? 'an answer'}`)
    }
    return part
  }

  /** Whether nothing arrives for a while. */
  async isSilent(ms = 150): Promise<boolean> {
    this.#pending ??= this.#read()
    const message = this.#pending
    message.catch(() => {})
    const { promise, resolve } = Promise.withResolvers<'silent'>()
    after(ms, () => resolve('silent'))
    return (await Promise.race([message, promise])) === 'silent'
  }

  async end(): Promise<void> {
    await this.#duplex.close()
  }

  abort(): void {
    this.#duplex.abort(new ProtocolError('PROTOCOL_ABORTED', 'the case has ended'))
  }

  async #receive(): Promise<ServerMessage | undefined> {
    const message = this.#pending ?? this.#read()
    this.#pending = undefined
    return await message
  }

  async #read(): Promise<ServerMessage | undefined> {
    for (;;) {
      const message = this.#reader.next()
      if (message !== undefined) {
        return readServerMessage(message)
      }
      const chunk = await this.#chunk()
      if (chunk === undefined) {
        return undefined
      }
      this.#reader.push(chunk)
    }
  }

  async #chunk(): Promise<Uint8Array | undefined> {
    const { promise, reject } = Promise.withResolvers<never>()
    const cancel = after(PATIENCE_MS, () => reject(new Error(`nothing arrived for ${PATIENCE_MS} ms`)))
    try {
      // a reset after what was sent counts as the end
      return await Promise.race([this.#duplex.read(), promise])
    } catch (err) {
      if ((err as { code?: unknown }).code === undefined) {
        throw err
      }
      return undefined
    } finally {
      cancel()
    }
  }
}

/** The status of a refusal; undefined for an answer or a part. */
export function codeOf(message: ServerMessage | undefined): string | undefined {
  return message?.type === 'refusal' ? readRefusal(message.code, message.rest[0]).code : undefined
}

export function keyOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** An item of the peer itself. */
export function own(key: string, body: Plain, options: { ttl?: number; ifSeq?: number } = {}): OwnItem {
  return { key: keyOf(key), body: encodeNode(from(body)), ttl: options.ttl ?? 600, ifSeq: options.ifSeq }
}

/** The codes of results, or how they were stored. */
export function outcomes(results: ReadonlyArray<UpdateResult | ProtocolError>): string[] {
  return results.map((result) => (result instanceof ProtocolError ? result.code : result.stored ? 'stored' : 'held'))
}
