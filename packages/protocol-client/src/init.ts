import type { Connection, PeerId, PrivateKey, Stream } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ClientProtocol, ServedMachine } from '@sr/protocol'
import { bool, checkConfig, func, listOf, number, optional, port, text } from '@sr/runtime'
import type { SignerInit, SigningDatastore, SigningKey } from './signing/index.ts'

/** Options of the client. */
export interface SmartRecordClientInit extends Partial<Omit<SignerInit, 'now'>> {
  /**
   * the protocols to speak, best first; default `[recordClientProtocol()]`. With `goClientProtocol()` of `@sr/protocol-go/client` behind it
   * the client falls back to `/ipfs/smart-record/0.0.1`, where updates are not signed.
   */
  protocols?: readonly ClientProtocol[]
  /** whether to use relayed connections, which are limited in time and data; default false */
  runOnLimitedConnection?: boolean
  /** whether updates are sent without a signature, for the server to stamp; default false where there is a private key */
  unsigned?: boolean
  /** signs updates; default: the key of the libp2p node */
  privateKey?: SigningKey
  /** the machine that this node serves: calls to the node's own peer id go there */
  machine?: ServedMachine
}

/** The parts of libp2p that the client uses. */
export interface SmartRecordClientComponents {
  connectionManager: {
    openConnection(peer: Multiaddr[], options: { signal?: AbortSignal }): Promise<Pick<Connection, 'remotePeer'>>
    openStream(
      peer: PeerId | Multiaddr[],
      protocols: string | string[],
      options: { signal: AbortSignal; runOnLimitedConnection: boolean },
    ): Promise<Stream>
  }
  peerId?: PeerId
  privateKey?: PrivateKey
  datastore?: SigningDatastore
}

/** @throws ConfigError for an unknown or invalid option */
export function checkInit(init: SmartRecordClientInit): void {
  checkConfig<SmartRecordClientInit>('smartRecordClient', init, {
    protocols: optional(listOf(port({ id: text(), connect: func }), { min: 1 })),
    runOnLimitedConnection: optional(bool),
    unsigned: optional(bool),
    privateKey: optional(port({ type: text(), publicKey: port({ type: text() }), sign: func })),
    network: optional(text({ min: 1 })),
    datastore: optional(port({ get: func, has: func, put: func, delete: func, query: func })),
    maxTtl: optional(number({ min: 1, integer: true })),
    isShared: optional(bool),
    machine: optional(port({ self: text(), get: func, update: func, updateUnsigned: func })),
  })
}
