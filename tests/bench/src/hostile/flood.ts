// A process of hostile peers: `node flood.ts <address> <flood>` floods until it is ended.
import { setPriority } from 'node:os'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { frame, FrameReader } from '@sr/protocol'
import { GO_PROTOCOL, goDocument, goMessage } from '@sr/protocol-go'
import type { Dict } from '@sr/xr'
import { createLibp2p, type Libp2p } from 'libp2p'
import { LARGE, taggedDocument, TINY, tinyDocument, widestDocument } from './documents.ts'
import type { Flood } from './floods.ts'

type Connection = Awaited<ReturnType<Libp2p['dial']>>
type Stream = Awaited<ReturnType<Connection['newStream']>>

const [address = '', text = '{}'] = process.argv.slice(2)
const flood = JSON.parse(text) as Flood
const to = multiaddr(address)
/** Small requests sent at once on one stream, and the most bytes of a small one. */
const BATCH = 32
const SMALL_BYTES = 10_000
/** Before a stream that was reset is opened again, ms. */
const REOPEN_MS = 50
const PIPELINE_BYTES = 300 * 1024
const STREAMS_PER_CONNECTION = 16

const get = (key: string): Uint8Array => frame(goMessage.encode({ type: 'get', key: Buffer.from(key) }))
const update = (key: string, document: Dict): Uint8Array =>
  frame(goMessage.encode({ type: 'update', key: Buffer.from(key), value: goDocument.encode(document), ttl: 60n }))

/** What one peer sends, again and again. */
function requests(peer: number): Uint8Array[] {
  switch (flood.sends) {
    case 'get':
      return [get(TINY)]
    case 'getLarge':
      return [get(LARGE)]
    case 'update':
      return [update(`u${peer}`, tinyDocument())]
    case 'updateWide':
      return [update(`u${peer}`, widestDocument(0)), update(`u${peer}`, widestDocument(1))]
    case 'updateTags':
      return [update(`u${peer}`, taggedDocument(0)), update(`u${peer}`, taggedDocument(7))]
  }
}

/** Sends batches of requests, each as one piece; two are on their way until the first is answered. */
async function pump(stream: Stream, bytes: readonly Uint8Array[]): Promise<void> {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  stream.addEventListener('close', () => {
    resolve()
  })
  const reader = new FrameReader()
  const one = bytes[0] as Uint8Array
  let sent = 0
  let answered = 0
  const send = (): void => {
    const count = flood.once ? Math.ceil(PIPELINE_BYTES / one.length) : one.length > SMALL_BYTES ? 1 : BATCH
    const batch = Array.from({ length: count }, () => bytes[sent++ % bytes.length] as Uint8Array)
    if (stream.status === 'open') {
      stream.send(Buffer.concat(batch))
    }
  }
  if (flood.reads) {
    stream.addEventListener('message', (event) => {
      reader.push(event.data.subarray())
      while (reader.next() !== undefined) {
        answered++
      }
      if (!flood.once && sent - answered <= BATCH) {
        send()
      }
    })
  } else {
    stream.pause()
  }
  send()
  if (!flood.once) {
    send()
  }
  await closed
}

async function session(connection: () => Promise<Connection>, bytes: readonly Uint8Array[]): Promise<void> {
  for (;;) {
    try {
      await pump(await (await connection()).newStream(GO_PROTOCOL), bytes)
    } catch {
      // refused: tried again
    }
    await new Promise((resolve) => {
      setTimeout(resolve, REOPEN_MS)
    })
  }
}

async function peer(index: number): Promise<void> {
  const node: Libp2p = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: 256 * 1024 } })],
    connectionManager: { reconnectRetries: 0 },
  })
  const bytes = requests(index)
  for (let first = 0; first < flood.streams; first += STREAMS_PER_CONNECTION) {
    let dialled: Promise<Connection> | undefined
    const connection = async (): Promise<Connection> => {
      if (dialled === undefined || (await dialled.catch(() => undefined))?.status !== 'open') {
        dialled = node.dial(to, { force: true })
      }
      return await dialled
    }
    await connection().catch(() => {})
    for (let s = first; s < Math.min(flood.streams, first + STREAMS_PER_CONNECTION); s++) {
      void session(connection, bytes)
    }
  }
}

process.on('disconnect', () => process.exit())
// hostile peers run on other machines: here they must not take the processor from the server and the honest client
setPriority(19)
await Promise.all(
  Array.from({ length: flood.peers }, async (_, index) => {
    await peer(index)
  }),
)
process.send?.('flooding')
