// The server of `npm run hostile`: records, or the control, whose handler only aborts. It measures its own event loop.
import { generateKeyPair } from '@libp2p/crypto/keys'
import { noise } from '@libp2p/noise'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { GO_PROTOCOL } from '@sr/protocol-go'
import { smartRecordLibp2pDefaults } from '@sr/protocol/libp2p'
import { goServerProtocol } from '@sr/protocol-go/server'
import { smartRecordServer } from '@sr/protocol-server'
import { createUpdateCodec } from '@sr/update'
import { createMachine } from '@sr/vm'
import { createLibp2p } from 'libp2p'
import { LARGE, largeDocument, TINY, tinyDocument } from './documents.ts'
import { LoopMeter } from './loop-meter.ts'

const defaults = smartRecordLibp2pDefaults({ transports: [tcp()], connectionEncrypters: [noise()], yamux })
const stack = {
  ...defaults,
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  // all peers of the bench have one address
  connectionManager: { ...defaults.connectionManager, inboundConnectionThreshold: 1000 },
}

async function startRecords() {
  const privateKey = await generateKeyPair('Ed25519')
  const self = peerIdFromPrivateKey(privateKey).toString()
  const machine = createMachine({ self, updates: createUpdateCodec({ network: 'bench', privateKey }) })
  await machine.start()
  const writer = peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString()
  for (const [key, body] of [
    [TINY, tinyDocument()],
    [LARGE, largeDocument()],
  ] as const) {
    await machine.updateUnsigned({ key: Buffer.from(key), writer, body, ttl: 3600 })
  }
  const records = smartRecordServer({ machine, protocols: [goServerProtocol({ verdicts: new Map() })] })
  const node = await createLibp2p({ ...stack, privateKey, services: { records } })
  return { address: node.getMultiaddrs()[0], buffered: () => node.services.records.buffered }
}

async function startControl() {
  const node = await createLibp2p(stack)
  const abort = new Error('the control aborts every stream')
  await node.handle(GO_PROTOCOL, (stream) => {
    stream.abort(abort)
  })
  return { address: node.getMultiaddrs()[0], buffered: () => 0 }
}

const server = await (process.argv[2] === 'control' ? startControl() : startRecords())
const meter = new LoopMeter(() => server.buffered())
process.on('message', (message) => {
  if (message === 'begin') meter.begin()
  else process.send?.(meter.end())
})
process.on('disconnect', () => process.exit())
process.send?.(String(server.address))
