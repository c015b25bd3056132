import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import type { Libp2pOptions } from 'libp2p'

/** What every libp2p node here is made of. */
export type Stack = Required<Pick<Libp2pOptions, 'transports' | 'connectionEncrypters' | 'streamMuxers'>>

/**
 * Largest window a stream's sender is granted, bytes. Left alone it grows to 16 MiB, more than a
 * paused stream may hold, and the stream is reset.
 */
const WINDOW_BYTES = 256 * 1024

export function stack(): Stack {
  return {
    transports: [tcp(), webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: WINDOW_BYTES } })],
  }
}
