import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { smartRecordLibp2pDefaults } from '@sr/protocol/libp2p'
import type { Libp2pOptions } from 'libp2p'

/** What every libp2p node here is made of. */
export type Stack = Required<
  Pick<Libp2pOptions, 'transports' | 'connectionEncrypters' | 'streamMuxers' | 'connectionManager'>
>

export function stack(): Stack {
  return smartRecordLibp2pDefaults({
    transports: [tcp(), webSockets()],
    connectionEncrypters: [noise()],
    yamux,
  })
}
