import type { ServedMachine, ServerProtocol } from '@sr/protocol'
import { type RateLimits, RATES } from './rate-limiter.ts'

/** What `smartRecordServer` takes. */
export interface SmartRecordServerInit {
  /** what is served; its owner starts and closes it */
  readonly machine: ServedMachine
  /** the protocols it is served by, such as `goServerProtocol` of `@sr/protocol-go/server` */
  readonly protocols: readonly ServerProtocol[]
  readonly limits?: Partial<ServerLimits>
  /** serve over relayed connections, which are limited in time and data; default false */
  readonly limitedConnections?: boolean
}

/** What one server grants. */
export interface ServerLimits extends RateLimits {
  /** streams of one protocol on one connection; default 16 */
  readonly streamsPerConnection: number
  /** streams of one peer, on all its connections; default 64 */
  readonly streamsPerPeer: number
  /** streams in all; default 2,000. When there are more, the one that has been idle for longest of the peer that has most is reset */
  readonly streams: number
  /** inbound connections of one peer, whatever protocols they are for; default 8. Those above are closed, the oldest with fewest streams first */
  readonly connectionsPerPeer: number
  /** part of libp2p's `maxConnections` from which inbound connections without streams are closed; default 0.8 */
  readonly idleConnectionsFrom: number
  /** bytes held for all peers together: what was received, requests, answers, and 96 KiB for each stream; default 256 MiB */
  readonly buffered: number
  /** bytes held for one peer, on all its streams; default 32 MiB: 64 streams of 96 KiB with a full window of 256 KiB, and two answers of 4 MiB */
  readonly bufferedPerPeer: number
}

/** The defaults. */
export const LIMITS: ServerLimits = {
  streamsPerConnection: 16,
  streamsPerPeer: 64,
  streams: 2000,
  connectionsPerPeer: 8,
  idleConnectionsFrom: 0.8,
  buffered: 256 * 1024 * 1024,
  bufferedPerPeer: 32 * 1024 * 1024,
  ...RATES,
}
