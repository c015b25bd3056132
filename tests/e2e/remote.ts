import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Connection, Libp2p } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { GO_PROTOCOL, goMessage, type GoMessage, type GoMessageInit } from '@sr/protocol-go'
import { streamDuplex } from '@sr/protocol/libp2p'
import { type ByteDuplex, frame, FrameReader } from '@sr/protocol'

/** What the server's process says of itself. */
export interface Report {
  counters: Record<string, number>
  streams: number
  /** bytes it holds for its peers */
  buffered: number
}

/** A server in a process of its own. */
export async function spawnServer(options: object = {}) {
  const file = fileURLToPath(new URL('server-process.ts', import.meta.url))
  const child: ChildProcess = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', file, JSON.stringify(options)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve)
  })
  const waiting: Array<(line: string) => void> = []
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    waiting.shift()?.(line)
  })
  const line = async (): Promise<unknown> => {
    const text = await Promise.race([
      new Promise<string>((resolve) => {
        waiting.push(resolve)
      }),
      ended.then((code) => {
        throw new Error(`the server ended with ${code}`)
      }),
    ])
    return JSON.parse(text)
  }
  const where = (await line()) as { self: string; tcp: string; ws: string }
  return {
    self: where.self,
    tcp: multiaddr(where.tcp),
    ws: multiaddr(where.ws),
    async report(): Promise<Report> {
      const answer = line()
      child.stdin?.write('\n')
      return (await answer) as Report
    },
    /** Ends it; the exit code. */
    async stop(): Promise<number | null> {
      child.stdin?.end()
      return await ended
    },
  }
}

/** A stream on which anything can be sent. */
export class RawStream {
  readonly duplex: ByteDuplex
  readonly #reader = new FrameReader()

  constructor(duplex: ByteDuplex) {
    this.duplex = duplex
  }

  static async open(node: Libp2p, to: Multiaddr): Promise<RawStream> {
    return await RawStream.on(await node.dial(to))
  }

  static async on(connection: Connection): Promise<RawStream> {
    return new RawStream(streamDuplex(await connection.newStream(GO_PROTOCOL)))
  }

  async send(message: GoMessageInit): Promise<void> {
    await this.duplex.write(frame(goMessage.encode(message)))
  }

  /** The next message, or how the stream ended. */
  async next(): Promise<GoMessage | 'end' | 'reset' | 'gone'> {
    for (let message = this.#reader.next(); ; message = this.#reader.next()) {
      if (message !== undefined) {
        return goMessage.decode(message)
      }
      let chunk: Uint8Array | undefined
      try {
        chunk = await this.duplex.read()
      } catch (err) {
        return (err as { code?: unknown }).code === 'PROTOCOL_RESET' ? 'reset' : 'gone'
      }
      if (chunk === undefined) {
        return 'end'
      }
      this.#reader.push(chunk)
    }
  }
}
