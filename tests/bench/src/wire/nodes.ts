import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { goClientProtocol } from '@sr/protocol-go/client'
import { smartRecordClient } from '@sr/protocol-client'
import { createLibp2p } from 'libp2p'

/** Options of the DHT that both sides share: any value is valid. */
export const DHT = {
  protocol: '/bench/kad/1.0.0',
  validators: { v: async () => {} },
  selectors: { v: () => 0 },
} as const

/** A client node: records unsigned, signed, and by the Go protocol. */
export async function clientNode() {
  return await createLibp2p({
    transports: [tcp(), webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      unsigned: smartRecordClient({ unsigned: true }),
      signed: smartRecordClient(),
      go: smartRecordClient({ unsigned: true, protocols: [goClientProtocol()] }),
    },
  })
}

export type ClientNode = Awaited<ReturnType<typeof clientNode>>
