import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ServedMachine, ServerProtocol } from '@sr/protocol'
import { smartRecordLibp2pDefaults } from '@sr/protocol/libp2p'
import { recordClientProtocol, smartRecordClient, type SmartRecordClientInit } from '@sr/protocol-client'
import { smartRecordServer } from '@sr/protocol-server'
import { recordServerProtocol } from '@sr/protocol-server/session'
import { createUpdateCodec } from '@sr/update'
import { createMachine, type LocalMachine, type MachineInit } from '@sr/vm'
import { createLibp2p } from 'libp2p'

/** What a test may say of a node. */
export interface NodeOptions {
  readonly privateKey?: PrivateKey
  readonly protocols?: ServerProtocol[]
  readonly client?: SmartRecordClientInit
  readonly machine?: Partial<MachineInit>
  /** port to listen on; default any */
  readonly port?: number
}

/** A node that serves a machine of its own by `/smart-record/1.0.0`, asks others, and takes part in gossipsub. */
export async function startNode({ protocols, client = {}, machine: init = {}, port = 0, ...given }: NodeOptions = {}) {
  const privateKey = given.privateKey ?? (await generateKeyPair('Ed25519'))
  const self = peerIdFromPrivateKey(privateKey).toString()
  const machine: LocalMachine & ServedMachine = createMachine({
    self,
    updates: createUpdateCodec({ network: 'main', privateKey }),
    ...init,
  })
  await machine.start()
  const stack = smartRecordLibp2pDefaults({ transports: [tcp()], connectionEncrypters: [noise()], yamux })
  const node = await createLibp2p({
    ...stack,
    privateKey,
    connectionManager: { ...stack.connectionManager, inboundConnectionThreshold: 1000 },
    addresses: { listen: [`/ip4/127.0.0.1/tcp/${port}`] },
    services: {
      identify: identify(),
      pubsub: gossipsub({ allowPublishToZeroTopicPeers: true }),
      server: smartRecordServer({ machine, protocols: protocols ?? [recordServerProtocol()] }),
      records: smartRecordClient({ protocols: [recordClientProtocol({ jitterMs: 0 })], machine, ...client }),
    },
  })
  const [address] = node.getMultiaddrs()
  return {
    node,
    machine,
    self,
    privateKey,
    address: address as Multiaddr,
    records: node.services.records,
    server: node.services.server,
    pubsub: node.services.pubsub,
    stop: async () => {
      await node.stop()
      await machine.close()
    },
  }
}
