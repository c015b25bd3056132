import { parseMessage, frame, message, PROTOCOL, TYPE } from '../frame.mjs'
import { GoError, type GoPeer, startGoClient, startGoServer, startGoStack } from '../peer.mjs'
import { type Client, type Key, keyBytes, Refusal, type Server, TTL_S } from './peer.ts'
import { goJson } from './spec.ts'

/** How often Go servers here collect what has expired, unless a row says otherwise, ms. */
const GC_MS = 200

/** Longest a hand-made request waits for its answer, ms: a Go server dials for up to 5 s an address before it answers. */
const ANSWER_MS = 15_000

/** The value of a command, which the Go programs answer in the form that README tables. */
export async function ask<T>(
  peer: GoPeer,
  cmd: string,
  fields: Record<string, unknown> = {},
  timeoutMs?: number,
): Promise<T> {
  return (await peer.request({ cmd, ...fields }, timeoutMs)) as T
}

/** A Go peer's first address. */
export function addressOf(peer: GoPeer): string {
  const [address] = peer.addrs
  if (address === undefined) {
    throw new Error('the Go peer does not listen')
  }
  return address
}

/** The Go reference as a server. */
export async function goServer(options: { seed?: string; gcMs?: number } = {}): Promise<Server> {
  const peer = await startGoServer({ gcMs: GC_MS, ...options })
  return {
    id: peer.peerId,
    address: addressOf(peer),
    close: async () => {
      await peer.close()
    },
  }
}

/** The Go reference as a client. */
export async function goClient(server: Server, options: { seed?: string; key?: string } = {}): Promise<Client> {
  const peer = await startGoClient(options)
  await ask(peer, 'connect', { addr: server.address })
  let opened = 0
  const request = async (
    cmd: string,
    fields: Record<string, unknown>,
  ): Promise<{ writers?: Record<string, string> }> => {
    try {
      const answer = await ask<{ streams: number; writers?: Record<string, string> }>(peer, cmd, {
        peer: server.id,
        ...fields,
      })
      opened = answer.streams
      return answer
    } catch (err) {
      throw err instanceof GoError ? new Refusal(endOf(err.message), err) : err
    }
  }
  const keyOf = (key: Key): { keyHex: string } => ({ keyHex: keyBytes(key).toString('hex') })
  return {
    id: peer.peerId,
    async update(key, document, ttl = TTL_S) {
      await request('update', { ...keyOf(key), node: { spec: document }, ttl: Number(ttl) })
    },
    async get(key) {
      return new Map(Object.entries((await request('get', keyOf(key))).writers ?? {}))
    },
    streams: () => opened,
    close: async () => {
      await peer.close()
    },
  }
}

/** The words that all clients here have for what Go says in its own. */
const ENDS: ReadonlyArray<readonly [RegExp, string]> = [
  [/stream reset/, 'reset'],
  [/^EOF$/, 'eof'],
  [/deadline|timeout|timed out/, 'timeout'],
  [/JSON input|varint/, 'unreadable'],
  [/message too large/, 'too large'],
]

function endOf(text: string): string {
  const [, what] = ENDS.find(([pattern]) => pattern.test(text)) ?? []
  return what ?? text
}

/** What a Go peer found on a stream. */
export type Read = { hex: string; bytes: number; end?: undefined } | { end: string; pending: number; hex?: undefined }

/** A bare peer of the Go stack, and what it does with streams. */
export interface RawPeer {
  readonly id: string
  readonly peer: GoPeer
  /** Whether the two come to a connection at all. */
  connects(server: Server): Promise<boolean>
  open(server: Server, negotiate?: 'lazy' | 'eager'): Promise<RawStream>
  /** The next stream that a peer opens here to the records' protocol, after `serve`. */
  accept(timeoutMs?: number): Promise<RawStream>
  close(): Promise<void>
}

export interface RawStream {
  write(...parts: Array<Uint8Array | { fill: number; count: number }>): Promise<void>
  readFrame(timeoutMs?: number): Promise<Buffer | string>
  /** How the stream ends, and how many bytes come before. */
  readEnd(timeoutMs?: number): Promise<{ end: string; bytes: number }>
  closeWrite(): Promise<void>
  reset(): Promise<void>
}

export async function rawPeer(options: { seed?: string; key?: string; listen?: boolean } = {}): Promise<RawPeer> {
  const peer = await startGoStack(options)
  const streamOf = (stream: number): RawStream => ({
    async write(...parts) {
      await ask(peer, 'write', {
        stream,
        parts: parts.map((part) => (part instanceof Uint8Array ? { hex: Buffer.from(part).toString('hex') } : part)),
      })
    },
    async readFrame(timeoutMs = ANSWER_MS) {
      const read = await ask<Read>(peer, 'readFrame', { stream, timeoutMs, maxHex: 8 << 20 }, timeoutMs + ANSWER_MS)
      return read.end === undefined ? Buffer.from(read.hex, 'hex') : read.end
    },
    async readEnd(timeoutMs = ANSWER_MS) {
      return await ask<{ end: string; bytes: number }>(
        peer,
        'readEnd',
        { stream, timeoutMs, maxHex: 0 },
        timeoutMs + ANSWER_MS,
      )
    },
    async closeWrite() {
      await ask(peer, 'closeWrite', { stream })
    },
    async reset() {
      await ask(peer, 'reset', { stream })
    },
  })
  return {
    id: peer.peerId,
    peer,
    async connects(server) {
      try {
        await ask(peer, 'connect', { addr: server.address })
        return true
      } catch (err) {
        if (err instanceof GoError) {
          return false
        }
        throw err
      }
    },
    async open(server, negotiate) {
      await ask(peer, 'connect', { addr: server.address })
      const { stream } = await ask<{ stream: number }>(peer, 'open', {
        peer: server.id,
        protocol: PROTOCOL,
        ...(negotiate === undefined ? {} : { negotiate }),
      })
      return streamOf(stream)
    },
    async accept(timeoutMs = ANSWER_MS) {
      const { stream } = await ask<{ stream: number }>(peer, 'accept', { timeoutMs }, timeoutMs + ANSWER_MS)
      return streamOf(stream)
    },
    close: async () => {
      await peer.close()
    },
  }
}

/** A client whose every byte is made by hand, on a bare peer of the Go stack. */
export async function rawClient(
  server: Server,
  options: { seed?: string; key?: string } = {},
): Promise<Client & { raw: RawPeer }> {
  const raw = await rawPeer(options)
  let stream: RawStream | undefined
  let opened = 0
  let last: Promise<unknown> = Promise.resolve()
  const exchange = async (fields: Parameters<typeof message>[0]): Promise<Buffer> => {
    if (stream === undefined) {
      stream = await raw.open(server)
      opened++
    }
    await stream.write(frame(message(fields)))
    const answer = await stream.readFrame()
    if (typeof answer === 'string') {
      await stream.reset()
      stream = undefined
      throw new Refusal(answer)
    }
    return answer
  }
  // one after the other: an answer belongs to the oldest request
  const request = async (fields: Parameters<typeof message>[0]): Promise<Buffer> => {
    const turn = last.catch(() => {}).then(async () => await exchange(fields))
    last = turn
    return await turn
  }
  return {
    id: raw.id,
    raw,
    async update(key, document, ttl = TTL_S) {
      await request({ key, value: goJson(document), ttl })
    },
    async get(key) {
      return writersOf(parseMessage(await request({ type: TYPE.GET, key })).value)
    },
    streams: () => opened,
    close: async () => {
      await raw.close()
    },
  }
}

/** The documents in the answer to a GET: Go JSON text by peer id. */
export function writersOf(value: Uint8Array): Map<string, string> {
  const entries = Object.entries(JSON.parse(Buffer.from(value).toString()) as Record<string, string>)
  return new Map(entries.map(([id, text]) => [id, Buffer.from(text, 'base64').toString()]))
}
