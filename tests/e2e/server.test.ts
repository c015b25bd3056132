import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { Connection, Logger, Stream, StreamHandler } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { streamPair } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { goMessage } from '@sr/protocol-go'
import { streamDuplex } from '@sr/protocol/libp2p'
import { frame, FrameReader } from '@sr/protocol'
import type { LocalMachine } from '@sr/vm'
import { goServerProtocol } from '@sr/protocol-go/server'
import { type ServerLimits, smartRecordServer, type SmartRecordServer } from '@sr/protocol-server'
import { ANN, BOB, CAROL, getOf, startMachine, updateOf } from './go/raw-peer.ts'

let machine: LocalMachine
let server: SmartRecordServer

beforeAll(async () => {
  machine = await startMachine()
})
afterAll(async () => {
  await machine.close()
})
afterEach(async () => {
  await server.stop()
})

/** Not read by any test. */
const logger: Logger = Object.assign(() => {}, {
  enabled: false,
  error: () => {},
  trace: () => {},
  newScope: () => logger,
})

/** A server on nothing: streams are brought to it by hand. */
class Ground {
  handler: StreamHandler | undefined
  /** thrown once by the registrar */
  failure: Error | undefined
  readonly server: SmartRecordServer

  constructor(limits: Partial<ServerLimits> = {}) {
    this.server = smartRecordServer({ machine, limits, protocols: [goServerProtocol({ verdicts: new Map() })] })({
      peerId: peerIdFromString(machine.self),
      logger: { forComponent: () => logger },
      upgrader: { getConnectionEncrypters: () => new Map() },
      connectionManager: { getConnections: () => [], getMaxConnections: () => 300 },
      events: new EventTarget() as never,
      registrar: {
        handle: async (_protocol, handler) => {
          const { failure } = this
          this.failure = undefined
          if (failure !== undefined) {
            throw failure
          }
          this.handler = handler
        },
        unhandle: async () => {
          this.handler = undefined
        },
      },
    })
    server = this.server
  }

  /** A stream of a peer; what it is asked, it answers with a type or `reset`. */
  async open(peer: string): Promise<(message: ReturnType<typeof getOf>) => Promise<string>> {
    const [ours, theirs] = await streamPair()
    const connection = {
      remotePeer: peerIdFromString(peer),
      remoteAddr: multiaddr('/ip4/192.0.2.7/tcp/4001'),
      encryption: '/noise',
    }
    await this.handler?.(theirs, connection as Connection)
    const duplex = streamDuplex(ours as Stream)
    const reader = new FrameReader()
    return async (message) => {
      try {
        await duplex.write(frame(goMessage.encode(message)))
        for (;;) {
          const answer = reader.next()
          if (answer !== undefined) {
            return goMessage.decode(answer).type
          }
          const chunk = await duplex.read()
          if (chunk === undefined) {
            return 'end'
          }
          reader.push(chunk)
        }
      } catch {
        return 'reset'
      }
    }
  }
}

describe('a server', () => {
  it('that could not begin has not begun, and can begin later', async () => {
    const ground = new Ground()
    ground.failure = new Error('taken')
    await expect(server.start()).rejects.toThrow('taken')
    expect(ground.server).toMatchObject({ streams: 0, buffered: 0 })
    expect((server as unknown as { isStarted(): boolean }).isStarted()).toBe(false)
    await server.start()
    const ask = await ground.open(ANN)
    expect(await ask(getOf('start'))).toBe('get')
  })

  it('keeps one rate for all streams of a peer, one for each peer and kind, and remembers it when they end', async () => {
    // one in a thousand seconds: none comes while the test runs, and the test does not wait for it
    const ground = new Ground({ readsPerSecond: 0.001, readsBurst: 3, updatesPerSecond: Infinity })
    await server.start()
    const first = await ground.open(ANN)
    const second = await ground.open(ANN)
    expect([await first(getOf('rate')), await second(getOf('rate')), await first(getOf('rate', 'query'))]).toEqual([
      'get',
      'get',
      'query',
    ])
    expect([await first(updateOf('rate', {})), await second(getOf('rate'))]).toEqual(['update', 'reset'])
    expect([await first(getOf('rate')), await (await ground.open(ANN))(getOf('rate'))]).toEqual(['reset', 'reset'])
    expect(await (await ground.open(BOB))(getOf('rate'))).toBe('get')
    expect(server.counters().get('refused.E_RATE')).toBe(3)
  })

  it('delays requests above the rate, and answers them at once when it stops', async () => {
    const ground = new Ground({ readsPerSecond: 0.25, readsBurst: 1 })
    await server.start()
    const ask = await ground.open(ANN)
    expect(await ask(getOf('delay'))).toBe('get')
    const delayed = ask(getOf('delay'))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(server.counters().get('delayed.read')).toBe(1)
    const before = performance.now()
    await Promise.all([server.stop(), delayed.then((answer) => expect(answer).toBe('get'))])
    expect(performance.now() - before).toBeLessThan(3000)
  })

  it('resets the longest idle stream of the peer that has most when there are too many', async () => {
    const ground = new Ground({ streams: 5 })
    await server.start()
    const ofAnn = [await ground.open(ANN), await ground.open(ANN), await ground.open(ANN)]
    const ofBob = await ground.open(BOB)
    for (const ask of [...ofAnn, ofBob]) {
      expect(await ask(getOf('full'))).toBe('get')
    }
    expect(await (ofAnn[0] as (typeof ofAnn)[0])(getOf('full'))).toBe('get')
    const newcomers = [await ground.open(BOB), await ground.open(CAROL)]
    // the second of Ann's has been idle for longest
    expect(await Promise.all([...ofAnn, ofBob, ...newcomers].map(async (ask) => await ask(getOf('full'))))).toEqual([
      'get',
      'reset',
      'get',
      'get',
      'get',
      'get',
    ])
    expect(server.counters().get('sessions.evicted')).toBe(1)
    expect(server.streams).toBe(5)
  })

  it('refuses an invalid rate', () => {
    expect(() => new Ground({ updatesPerSecond: 0 })).toThrow(RangeError)
  })
})
