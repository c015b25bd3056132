import { join } from 'node:path'
import { identify } from '@libp2p/identify'
import type { Identify } from '@libp2p/identify'
import type { Connection, Libp2p } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { baseGrammar, normalizeAddress, reachabilityVerdicts } from '@sr/grammar-base'
import { createLibp2pProber } from '@sr/prober-libp2p'
import { goServerProtocol } from '@sr/protocol-go/server'
import { createUpdateCodec } from '@sr/update'
import { recordServerProtocol, smartRecordServer, type SmartRecordServer } from '@sr/protocol-server'
import { sqliteStore } from '@sr/store-sqlite'
import { createMachine, type LocalMachine, memoryStore } from '@sr/vm'
import { createLibp2p } from 'libp2p'
import { identity, keptIdentity } from './identity.ts'
import { NETWORK } from './network.ts'
import type { NodeOptions } from './options.ts'
import { stack } from './transport.ts'

/** A running node. */
export interface RecordNode {
  readonly libp2p: Libp2p<{ identify: Identify; records: SmartRecordServer }>
  readonly machine: LocalMachine
  close(): Promise<void>
}

/** Starts a node that keeps records in a folder or in memory, and serves them on TCP and WebSocket. */
export async function startNode(options: NodeOptions): Promise<RecordNode> {
  const { data } = options
  const privateKey = data === undefined ? await identity(undefined) : await keptIdentity(data)
  // dials what writers ask to be dialled, and nothing else
  const dialer = await createLibp2p({ ...stack() })
  const loopback = options.host.startsWith('127.')
  // the prober knows by it who is connected; the node itself comes last, since it serves the machine
  const host = { getConnections: (): Connection[] => [] }
  const machine = createMachine({
    self: peerIdFromPrivateKey(privateKey).toString(),
    updates: createUpdateCodec({ network: NETWORK, privateKey }),
    store: data === undefined ? memoryStore() : sqliteStore({ folder: join(data, 'records') }),
    grammar: baseGrammar({
      prober: createLibp2pProber({ dialer, host }),
      // on this machine alone, all addresses are private
      policy: { allowPrivate: loopback },
    }),
    // DEBUG=smart-record:* shows it
    logger: defaultLogger(),
  })
  await machine.start()
  const libp2p = await createLibp2p({
    ...stack(),
    privateKey,
    addresses: { listen: [`/ip4/${options.host}/tcp/${options.tcp}`, `/ip4/${options.host}/tcp/${options.ws}/ws`] },
    services: {
      identify: identify(),
      records: smartRecordServer({
        machine,
        // clients negotiate: the first for those of today, the second for Go peers
        protocols: [
          recordServerProtocol({ network: NETWORK }),
          goServerProtocol({ verdicts: reachabilityVerdicts, normalizeAddress }),
        ],
      }),
    },
  })
  host.getConnections = () => libp2p.getConnections()
  return {
    libp2p,
    machine,
    close: async () => {
      await libp2p.stop()
      await machine.close()
      await dialer.stop()
    },
  }
}
