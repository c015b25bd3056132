import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import type { Multiaddr } from '@multiformats/multiaddr'
import { createUpdateCodec } from '@sr/update'
import { smartRecordClient, type SmartRecordClientInit } from '@sr/protocol-client'
import type { RecordView, ServedMachine } from '@sr/protocol'
import { smartRecordLibp2pDefaults } from '@sr/protocol/libp2p'
import { baseGrammar, type BaseInit, normalizeAddress, reachabilityVerdicts } from '@sr/grammar-base'
import { createLibp2pProber } from '@sr/prober-libp2p'
import { goClientProtocol } from '@sr/protocol-go/client'
import { goServerProtocol, type GoServerTimeouts } from '@sr/protocol-go/server'
import { smartRecordServer, type SmartRecordServerInit } from '@sr/protocol-server'
import { createMachine, type LocalMachine, type MachineInit } from '@sr/vm'
import { print } from '@sr/xr'
import { createLibp2p, type Libp2pOptions } from 'libp2p'

/** Everything but the services; on this host, on free ports. */
function common(
  privateKey: PrivateKey,
  connections: Libp2pOptions['connectionManager'] = {},
): Pick<Libp2pOptions, 'privateKey' | 'transports' | 'connectionEncrypters' | 'streamMuxers' | 'connectionManager'> {
  const stack = smartRecordLibp2pDefaults({
    transports: [tcp(), webSockets()],
    connectionEncrypters: [noise()],
    yamux,
  })
  return {
    ...stack,
    privateKey,
    // all connections of a test come from one address
    connectionManager: { ...stack.connectionManager, inboundConnectionThreshold: 1000, ...connections },
  }
}

const LISTEN = { listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'] }

/** The Go protocol with the verdicts of the base grammar. */
export const goProtocol = (timeouts: GoServerTimeouts = {}): ReturnType<typeof goServerProtocol> =>
  goServerProtocol({ verdicts: reachabilityVerdicts, normalizeAddress, timeouts })

/** What a test may say of a server. */
export interface ServerOptions {
  server?: Partial<Omit<SmartRecordServerInit, 'machine'>>
  timeouts?: GoServerTimeouts
  machine?: Partial<MachineInit>
  /** dials what writers ask it to dial, by this policy */
  verdicts?: BaseInit['policy']
  connections?: Libp2pOptions['connectionManager']
}

/** A node that serves a machine of its own. */
export async function startServer({
  server = {},
  timeouts = {},
  machine: machineInit = {},
  verdicts,
  connections = {},
}: ServerOptions = {}) {
  const privateKey = await generateKeyPair('Ed25519')
  const self = peerIdFromPrivateKey(privateKey).toString()
  const dialer = verdicts === undefined ? undefined : (await startBare(false)).node
  const grammar =
    dialer === undefined
      ? {}
      : {
          grammar: baseGrammar({
            prober: createLibp2pProber({ dialer, host: { getConnections: () => node.getConnections() }, minMs: 20 }),
            addresses: () => node.getMultiaddrs().map(String),
            ...(verdicts === undefined ? {} : { policy: verdicts }),
          }),
        }
  const machine: LocalMachine & ServedMachine = createMachine({
    self,
    updates: createUpdateCodec({ network: 'test', privateKey }),
    ...grammar,
    ...machineInit,
  })
  await machine.start()
  const node = await createLibp2p({
    ...common(privateKey, connections),
    addresses: LISTEN,
    services: { records: smartRecordServer({ machine, protocols: [goProtocol(timeouts)], ...server }) },
  })
  return {
    node,
    machine,
    self,
    records: node.services.records,
    tcp: addressOf(node.getMultiaddrs(), 'tcp'),
    ws: addressOf(node.getMultiaddrs(), 'ws'),
    async stop() {
      await node.stop()
      await machine.close()
      await dialer?.stop()
    },
  }
}

/** A node that only asks; by the Go protocol unless `init` says otherwise. */
export async function startClient(init: SmartRecordClientInit = { protocols: [goClientProtocol()] }) {
  const privateKey = await generateKeyPair('Ed25519')
  const node = await createLibp2p({ ...common(privateKey), services: { records: smartRecordClient(init) } })
  return {
    node,
    records: node.services.records,
    peer: node.peerId.toString(),
    stop: async () => {
      await node.stop()
    },
  }
}

/** The documents of a record as text, by writer. */
export const shown = ({ documents }: RecordView): Record<string, string> =>
  Object.fromEntries(Array.from(documents, ([writer, { document }]) => [writer, print(document)]))

/** A node without services. */
export async function startBare(listen: boolean) {
  const node = await createLibp2p({
    ...common(await generateKeyPair('Ed25519')),
    ...(listen ? { addresses: LISTEN } : {}),
  })
  return {
    node,
    stop: async () => {
      await node.stop()
    },
  }
}

export function addressOf(addresses: Multiaddr[], last: 'tcp' | 'ws'): Multiaddr {
  const found = addresses.find(
    (address) => address.getComponents().findLast(({ name }) => name === 'tcp' || name === 'ws')?.name === last,
  )
  if (found === undefined) {
    throw new Error(`the node does not listen on ${last}`)
  }
  return found
}
