import { identify } from '@libp2p/identify'
import type { Libp2p, PrivateKey } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import {
  type ByteDuplex,
  type ClientSession,
  FrameReader,
  ProtocolError,
  type UpdateReceipt,
  type WatchPart,
} from '@sr/protocol'
import { recordClientProtocol } from '@sr/protocol-client/session'
import { streamDuplex } from '@sr/protocol/libp2p'
import { RECORD_PROTOCOL } from '@sr/protocol/messages'
import { recordServerProtocol, smartRecordServer } from '@sr/protocol-server'
import { createUpdateCodec, type UpdateCodec, UpdateError } from '@sr/update'
import { createMachine } from '@sr/vm'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import { keyOf } from '../peers/our-peer.ts'
import {
  ANSWER_MS,
  type KeyType,
  NETWORK,
  type Part,
  type RawAnswer,
  type RecordClient,
  type RecordServer,
  type Result,
  type SignFields,
  type Transport,
  type Verdict,
  type Watch,
} from './peer.ts'

const WINDOW_BYTES = 256 * 1024

function common(privateKey: PrivateKey): Libp2pOptions {
  return {
    privateKey,
    transports: [tcp(), webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: WINDOW_BYTES } })],
    connectionManager: { inboundConnectionThreshold: 1000, maxIncomingPendingConnections: 100 },
  }
}

/** Our server of 1.0.0 alone. */
export async function ourRecordServer(): Promise<RecordServer> {
  const privateKey = await keyOf(undefined)
  const self = peerIdFromPrivateKey(privateKey).toString()
  const machine = createMachine({ self, updates: createUpdateCodec({ network: NETWORK, privateKey }) })
  await machine.start()
  const node = await createLibp2p({
    ...common(privateKey),
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'] },
    services: {
      identify: identify(),
      records: smartRecordServer({ machine, protocols: [recordServerProtocol({ network: NETWORK })] }),
    },
  })
  const addresses = node.getMultiaddrs().map(String)
  const ending = (ws: boolean): string => addresses.find((one) => one.includes('/ws') === ws) ?? ''
  return {
    id: self,
    addresses: { tcp: ending(false), ws: ending(true) },
    async close() {
      await node.stop()
      await machine.close()
    },
  }
}

/** Our client session on a libp2p node of its own. */
export async function ourRecordClient(
  server: RecordServer,
  transport: Transport,
  key?: KeyType,
): Promise<RecordClient> {
  const privateKey = await keyOf(undefined, key === 'rsa' ? 'RSA' : key)
  const node = await createLibp2p(common(privateKey))
  const address = multiaddr(server.addresses[transport])
  const session = recordClientProtocol({ jitterMs: 0 }).connect(async () => await open(node, address))
  const codec = createUpdateCodec({ network: NETWORK, privateKey })
  return {
    id: node.peerId.toString(),
    update: async (items) => (await session.submit(items)).map(resultOf),
    async get(key, { have, at, writers } = {}) {
      const options = { ...(have && { have }), ...(writers && { writers }) }
      const view = await (at === undefined ? session.get(key, options) : session.getAt(key, at, options))
      const { revision, unchanged } = view
      if (revision === undefined) {
        throw new Error('the view has no revision')
      }
      const documents = new Map(
        Array.from(view.documents, ([id, { document, signed, next, ends }]) => [
          id,
          { node: document, signed, next, ends },
        ]),
      )
      return { revision, unchanged, documents }
    },
    getUpdates: async (key) => (await session.getUpdates(key)).updates,
    watch: async (key, { credit, ...options } = {}) =>
      watchOf(session, key, { ...options, ...(credit === undefined ? {} : { creditBytes: credit }) }),
    ping: async () => await session.ping(),
    async info() {
      const { peer, network, merge, can } = await session.info()
      return { id: peer, network, merge, can }
    },
    sign: async (fields) => await sign(fields, privateKey),
    verify: async (envelope) => await verify(codec, envelope),
    raw: async (bytes, frames) => await raw(await open(node, address), bytes, frames),
    async close() {
      session.close()
      await node.stop()
    },
  }
}

async function open(node: Libp2p, address: Multiaddr): Promise<ByteDuplex> {
  return streamDuplex(await node.dialProtocol(address, RECORD_PROTOCOL))
}

function resultOf(one: UpdateReceipt | ProtocolError): Result {
  if (!(one instanceof ProtocolError)) {
    return { stored: one.stored, seq: one.seq, counter: one.counter }
  }
  return { refused: one.code, seq: one.seq }
}

async function sign({ key, body, lifeMs, retainMs, network }: SignFields, privateKey: PrivateKey): Promise<Uint8Array> {
  const codec = createUpdateCodec({ network: network ?? NETWORK, privateKey })
  const now = Date.now()
  const expires = now + lifeMs
  const fields = { key, seq: now * 1000 + serial(), expires, retain: now + (retainMs ?? lifeMs), body }
  const signed = await codec.sign?.(fields)
  if (signed === undefined) {
    throw new Error('the codec does not sign')
  }
  return signed.bytes
}

let signed = 0

/** Below the resolution of the clock: updates of one millisecond are in order. */
function serial(): number {
  signed = (signed + 1) % 1000
  return signed
}

/** The statuses of section 4 for the codes of our codec. */
const STATUS: Readonly<Record<string, string>> = {
  UPDATE_SIZE: 'E_TOO_LARGE',
  UPDATE_FORM: 'E_SIG',
  UPDATE_NETWORK: 'E_SIG',
  UPDATE_KEY: 'E_KEY',
  UPDATE_WRITER: 'E_WRITER',
  UPDATE_SIGNATURE: 'E_SIG',
}

async function verify(codec: UpdateCodec, envelope: Uint8Array): Promise<Verdict> {
  try {
    const { update } = await codec.decode(envelope)
    const { writer, seq, hash, content } = update
    return { writer, key: Buffer.from(update.key).toString(), seq, body: content.body, hash }
  } catch (err) {
    if (err instanceof UpdateError) {
      return { refused: STATUS[err.code] ?? err.code }
    }
    throw err
  }
}

/** What `watch` of a session takes besides the key. */
type Options = Parameters<ClientSession['watch']>[1]

function watchOf(session: ClientSession, key: Uint8Array, options: Options): Watch {
  const parts = session.watch(key, options)
  return {
    async next() {
      const { promise, reject } = Promise.withResolvers<never>()
      const timer = setTimeout(() => {
        reject(new Error(`no part in ${ANSWER_MS} ms`))
      }, ANSWER_MS)
      try {
        const { value } = await Promise.race([parts.next(), promise])
        return value === undefined ? 'end' : partOf(value)
      } catch (err) {
        if (err instanceof ProtocolError) {
          return err.code
        }
        throw err
      } finally {
        clearTimeout(timer)
      }
    },
    async cancel() {
      await parts.return?.()
      return undefined
    },
  }
}

function partOf(part: WatchPart): Part {
  switch (part.kind) {
    case 'snapshot':
      return { kind: 'snapshot', documents: part.documents }
    case 'changes':
      return {
        kind: 'changes',
        counter: part.counter,
        changes: part.documents.map(({ writer, events }) => ({
          writer,
          // the session gives a member that is gone as the old value
          events: events.map((event) => ({ ...event, value: event.value ?? (event.isMember ? event.old : undefined) })),
        })),
      }
    case 'reset':
      return { kind: 'reset', why: part.why }
    default:
      return part
  }
}

async function raw(duplex: ByteDuplex, bytes: Uint8Array, count: number): Promise<RawAnswer> {
  await duplex.write(bytes)
  const reader = new FrameReader()
  const frames: Uint8Array[] = []
  try {
    while (frames.length < count) {
      const message = reader.next()
      if (message !== undefined) {
        frames.push(Uint8Array.from(message))
        continue
      }
      const chunk = await duplex.read()
      if (chunk === undefined) {
        return { frames, ended: true }
      }
      reader.push(chunk)
    }
    return { frames, ended: false }
  } finally {
    duplex.abort(new Error('read what there was to read'))
  }
}
