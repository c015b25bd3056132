// The server of `npm run bench -- wire`: records by both protocols, and the handlers they are compared with, on one node. It sends its
// addresses to the parent.
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { goServerProtocol } from '@sr/protocol-go/server'
import { recordServerProtocol, smartRecordServer } from '@sr/protocol-server'
import { createUpdateCodec } from '@sr/update'
import { createMachine } from '@sr/vm'
import { createLibp2p } from 'libp2p'
import { serveBare } from './echo.ts'
import { DHT } from './nodes.ts'

const privateKey = await generateKeyPair('Ed25519')
// rates and quotas are raised, limits of form are not
const machine = createMachine({
  self: peerIdFromPrivateKey(privateKey).toString(),
  updates: createUpdateCodec({ network: 'main', privateKey }),
  limits: { recordsPerWriter: 1e9, bytesPerWriter: 1e12, bytes: 1e12 },
})
await machine.start()
const limits = { updatesPerSecond: Infinity, updatesBurst: Infinity, readsPerSecond: Infinity, readsBurst: Infinity }
const protocols = [recordServerProtocol(), goServerProtocol({ verdicts: new Map() })]
const node = await createLibp2p({
  privateKey,
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'] },
  transports: [tcp(), webSockets()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionManager: { inboundConnectionThreshold: 1000, maxIncomingPendingConnections: 100 },
  services: {
    records: smartRecordServer({ machine, protocols, limits }),
    identify: identify(),
    ping: ping(),
    dht: kadDHT({ ...DHT, clientMode: false, peerInfoMapper: passthroughMapper }),
  },
})
await serveBare(node)
const addresses = node.getMultiaddrs().map(String)
process.on('message', (message) => {
  if (message === 'cpu') process.send?.({ cpu: process.cpuUsage() })
})
process.send?.({ addresses })
process.on('disconnect', () => process.exit())
