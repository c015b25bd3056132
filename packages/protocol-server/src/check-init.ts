import type { PeerId } from '@libp2p/interface'
import { ProtocolError, type ServedMachine } from '@sr/protocol'
import { bool, type Check, checkConfig, func, listOf, number, optional, partial, port, text } from '@sr/runtime'
import type { ServerLimits, SmartRecordServerInit } from './init.ts'

const count: Check = number({ min: 1 })
const rate: Check = number({ min: 0, above: true })

const LIMIT_CHECKS: { readonly [K in keyof ServerLimits]: Check } = {
  streamsPerConnection: count,
  streamsPerPeer: count,
  streams: count,
  connectionsPerPeer: count,
  idleConnectionsFrom: number({ min: 0 }),
  buffered: count,
  bufferedPerPeer: count,
  updatesPerSecond: rate,
  updatesBurst: count,
  readsPerSecond: rate,
  readsBurst: count,
}

/**
 * Checks what `smartRecordServer` is given.
 *
 * @throws ConfigError for an unknown name, or a wrong type or range
 */
export function checkInit(init: SmartRecordServerInit): void {
  checkConfig<SmartRecordServerInit>('smartRecordServer', init, {
    machine: port({
      self: text(),
      limits: port({ maxTtl: number({ min: 0, above: true }) }),
      get: func,
      update: func,
      updateUnsigned: func,
    }),
    protocols: listOf(port({ id: text(), serve: func }), { min: 1 }),
    limits: optional(partial(LIMIT_CHECKS)),
    limitedConnections: optional(bool),
  })
}

/**
 * Checks at the start that the machine can serve as this peer.
 *
 * @throws ProtocolError `PROTOCOL_CONFIG`
 */
export function checkMachine({ self, running }: ServedMachine, peerId: PeerId): void {
  if (running === false) {
    throw new ProtocolError(
      'PROTOCOL_CONFIG',
      'the machine is not running; expected it to be started before the server',
    )
  }
  if (self !== peerId.toString()) {
    throw new ProtocolError('PROTOCOL_CONFIG', `the machine is ${self}; expected this peer, ${peerId.toString()}`)
  }
}
