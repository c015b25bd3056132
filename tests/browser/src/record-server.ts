// The node that the page's client talks to, over WebSocket. It sends its address to the parent.
import { generateKeyPair } from '@libp2p/crypto/keys'
import { noise } from '@libp2p/noise'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { recordServerProtocol, smartRecordServer } from '@sr/protocol-server'
import { createUpdateCodec } from '@sr/update'
import { createMachine } from '@sr/vm'
import { createLibp2p } from 'libp2p'

const privateKey = await generateKeyPair('Ed25519')
const machine = createMachine({
  self: peerIdFromPrivateKey(privateKey).toString(),
  updates: createUpdateCodec({ network: 'main', privateKey }),
})
await machine.start()
const node = await createLibp2p({
  privateKey,
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0/ws'] },
  transports: [webSockets()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  services: { records: smartRecordServer({ machine, protocols: [recordServerProtocol()] }) },
})
process.send?.(String(node.getMultiaddrs()[0]))
process.on('disconnect', () => process.exit())
