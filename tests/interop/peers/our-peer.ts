import { createHash } from 'node:crypto'
import { generateKeyPair, generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import type { Libp2p, PrivateKey } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { baseGrammar, normalizeAddress, reachabilityVerdicts } from '@sr/grammar-base'
import { createUpdateCodec } from '@sr/update'
import { goDocument } from '@sr/protocol-go'
import { smartRecordClient, type SmartRecordClientComponents } from '@sr/protocol-client'
import { createLibp2pProber } from '@sr/prober-libp2p'
import { type GoClientInit, goClientProtocol } from '@sr/protocol-go/client'
import { goServerProtocol, type GoServerTimeouts } from '@sr/protocol-go/server'
import { smartRecordServer } from '@sr/protocol-server'
import { createMachine } from '@sr/vm'
import type { Dict } from '@sr/xr'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import { type Client, Refusal, type Server, TTL_S } from './peer.ts'
import { toNode } from './spec.ts'

/** Largest window of a stream; left alone it outgrows what a paused stream may hold. */
const WINDOW_BYTES = 256 * 1024

/** Dials in a minute: more than the rows ask for. Go knows no limit. */
const DIALS = 1000

/** The same key for a seed as the Go programs here make of it. */
export async function keyOf(
  seed: string | undefined,
  type: 'Ed25519' | 'secp256k1' | 'RSA' = 'Ed25519',
): Promise<PrivateKey> {
  if (seed !== undefined) {
    return await generateKeyPairFromSeed('Ed25519', createHash('sha256').update(seed).digest())
  }
  return await (type === 'RSA' ? generateKeyPair('RSA', 2048) : generateKeyPair(type))
}

/** TCP, noise and yamux, on this host only. */
function common(privateKey: PrivateKey): Libp2pOptions {
  return {
    privateKey,
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: WINDOW_BYTES } })],
    // libp2p takes 5 new connections a second from one address; all of these come from one
    connectionManager: { inboundConnectionThreshold: 1000, maxIncomingPendingConnections: 100 },
  }
}

/** What rows may say of our server. */
export interface OurServerOptions {
  seed?: string
  /** whether it tells peers what it serves, so that they negotiate lazily; default true */
  identify?: boolean
  timeouts?: GoServerTimeouts
}

/** Our server, over a machine that dials whom it is asked to dial, as the example node puts it together. */
export async function ourServer(options: OurServerOptions = {}): Promise<Server> {
  const privateKey = await keyOf(options.seed)
  const self = peerIdFromPrivateKey(privateKey).toString()
  const dialer = await createLibp2p(common(await keyOf(undefined)))
  // the prober and the grammar look at a node that is made after them
  const made: { node?: Libp2p } = {}
  const machine = createMachine({
    self,
    updates: createUpdateCodec({ network: 'interop', privateKey }),
    grammar: baseGrammar({
      prober: createLibp2pProber({ dialer, host: { getConnections: () => made.node?.getConnections() ?? [] } }),
      policy: { allowPrivate: true },
      addresses: () => made.node?.getMultiaddrs().map(String) ?? [],
      shareMs: 1,
    }),
    limits: { externalPerMinute: DIALS, externalPerMinutePerWriter: DIALS },
  })
  await machine.start()
  const { timeouts = {} } = options
  const protocol = goServerProtocol({ verdicts: reachabilityVerdicts, normalizeAddress, timeouts })
  const records = smartRecordServer({ machine, protocols: [protocol] })
  const base = { ...common(privateKey), addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] } }
  const node: Libp2p =
    options.identify === false
      ? await createLibp2p({ ...base, services: { records } })
      : await createLibp2p({ ...base, services: { records, identify: identify() } })
  made.node = node
  return {
    id: self,
    address: String(node.getMultiaddrs()[0]),
    async close() {
      await node.stop()
      await machine.close()
      await dialer.stop()
    },
  }
}

/** What rows may say of our client. */
export interface OurClientOptions extends GoClientInit {
  seed?: string
  key?: 'secp256k1' | 'RSA'
}

export async function ourClient(
  server: Pick<Server, 'address'>,
  { seed, key, ...init }: OurClientOptions = {},
): Promise<Client> {
  let opened = 0
  const node = await createLibp2p({
    ...common(await keyOf(seed, key)),
    services: {
      records: ({ connectionManager }: SmartRecordClientComponents) =>
        smartRecordClient({ protocols: [goClientProtocol(init)] })({
          connectionManager: {
            openConnection: connectionManager.openConnection.bind(connectionManager),
            openStream: async (...args) => {
              opened++
              return await connectionManager.openStream(...args)
            },
          },
        }),
    },
  })
  const target: Multiaddr = multiaddr(server.address)
  const { records } = node.services
  return {
    id: node.peerId.toString(),
    async update(name, document, ttl = TTL_S) {
      await refusing(records.update(target, name, toNode(document) as Dict, { ttl: Number(ttl) }))
    },
    async get(name) {
      const { documents } = await refusing(records.get(target, name))
      return new Map(
        Array.from(documents, ([id, { document }]) => [id, Buffer.from(goDocument.encode(document)).toString()]),
      )
    },
    streams: () => opened,
    close: async () => {
      await node.stop()
    },
  }
}

/** Gives the ends of streams the words that all clients here have for them; other errors are given by their code. */
async function refusing<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (err) {
    const { code } = err as { code?: unknown }
    if (typeof code !== 'string') {
      throw err
    }
    throw new Refusal(ENDS.get(code) ?? code, err)
  }
}

const ENDS: ReadonlyMap<string, string> = new Map([
  ['PROTOCOL_RESET', 'reset'],
  ['PROTOCOL_CLOSED', 'eof'],
  ['PROTOCOL_TIMEOUT', 'timeout'],
  ['PROTOCOL_TOO_LARGE', 'too large'],
  ['PROTOCOL_DOC', 'unreadable'],
  ['PROTOCOL_FRAME', 'unreadable'],
  ['PROTOCOL_PROTO', 'unreadable'],
])
