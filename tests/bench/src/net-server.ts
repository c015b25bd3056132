// The server of `npm run bench -- net`: records, and a bare key-value handler, on one node. It sends its address to the parent.
import { generateKeyPair } from '@libp2p/crypto/keys'
import { noise } from '@libp2p/noise'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { frame, FrameReader } from '@sr/protocol'
import { streamDuplex } from '@sr/protocol/libp2p'
import { goServerProtocol } from '@sr/protocol-go/server'
import { smartRecordServer } from '@sr/protocol-server'
import { createUpdateCodec } from '@sr/update'
import { createMachine } from '@sr/vm'
import { createLibp2p } from 'libp2p'

const privateKey = await generateKeyPair('Ed25519')
const machine = createMachine({
  self: peerIdFromPrivateKey(privateKey).toString(),
  updates: createUpdateCodec({ network: 'bench', privateKey }),
  limits: { recordsPerWriter: 1e9, bytesPerWriter: 1e12, bytes: 1e12 },
})
await machine.start()
const protocols = [goServerProtocol({ verdicts: new Map() })]
const limits = { updatesPerSecond: Infinity, updatesBurst: Infinity, readsPerSecond: Infinity, readsBurst: Infinity }
const node = await createLibp2p({
  privateKey,
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionManager: { inboundConnectionThreshold: 1000 },
  services: { records: smartRecordServer({ machine, protocols, limits }) },
})
const values = new Map<string, string>()
await node.handle('/bench/bare/1.0.0', async (stream) => {
  const duplex = streamDuplex(stream)
  const reader = new FrameReader()
  for (let chunk = await duplex.read(); chunk !== undefined; chunk = await duplex.read()) {
    reader.push(chunk)
    for (let request = reader.next(); request !== undefined; request = reader.next()) {
      const { key, value } = JSON.parse(new TextDecoder().decode(request)) as { key: string; value?: string }
      if (value !== undefined) values.set(key, value)
      await duplex.write(frame(new TextEncoder().encode(JSON.stringify({ value: values.get(key) }))))
    }
  }
})
process.send?.(String(node.getMultiaddrs()[0]))
process.on('disconnect', () => process.exit())
