import { afterEach, describe, expect, it } from '@jest/globals'
import type { Connection } from '@libp2p/interface'
import { from } from '@sr/xr'
import { startBare, startClient, startServer } from './hosts.ts'
import { RawStream } from './remote.ts'

const sleep = async (ms: number): Promise<void> => {
  await new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

/** Nodes to stop after each test. */
const running: Array<{ stop(): Promise<void> }> = []

afterEach(async () => {
  await Promise.all(running.splice(0).map(async (node) => await node.stop()))
})

const track = <T extends { stop(): Promise<void> }>(node: T): T => {
  running.push(node)
  return node
}

describe('connections', () => {
  it('of one peer above 8 are closed, the oldest without streams first', async () => {
    const server = track(await startServer())
    const greedy = track(await startBare(false))
    const connections: Connection[] = []
    for (let i = 0; i < 12; i++) {
      connections.push(await greedy.node.dial(server.tcp, { force: true }))
      await sleep(20)
    }
    await sleep(100)
    expect(connections.map(({ status }) => status === 'open')).toEqual([
      ...new Array<boolean>(4).fill(false),
      ...new Array<boolean>(8).fill(true),
    ])
    expect(server.records.counters().get('connections.abovePerPeer')).toBe(4)
  })

  it('without streams are closed when the table is nearly full, and a newcomer is served', async () => {
    const server = track(await startServer({ connections: { maxConnections: 10 } }))
    const busy = track(await startClient())
    await busy.records.update(server.tcp, 'k', from({ x: 1 }), { ttl: 60 })
    const hoarders = await Promise.all(
      [startBare(false), startBare(false), startBare(false)].map(async (n) => track(await n)),
    )
    for (const { node } of hoarders) {
      for (let i = 0; i < 3; i++) {
        await node.dial(server.tcp, { force: true })
      }
    }
    await sleep(100)
    expect(server.node.getConnections().length).toBeGreaterThan(8)
    await sleep(3500)
    expect(server.node.getConnections().length).toBeLessThanOrEqual(8)
    expect((await track(await startClient()).records.get(server.tcp, 'k')).documents.size).toBe(1)
    // the connection that is used has stayed
    expect(server.node.getConnections(busy.node.peerId)[0]?.streams.length).toBeGreaterThan(0)
  })
})

describe('streams of 33 peers, when the table is full', () => {
  const OTHERS = 32
  const ask = async (stream: RawStream): Promise<string> => {
    try {
      await stream.send({ type: 'get', key: Uint8Array.of(1) })
    } catch {
      return 'reset'
    }
    const answer = await stream.next()
    return typeof answer === 'string' ? answer : answer.type
  }

  it('give way to a newcomer: the longest idle one of the peer that has most', async () => {
    const server = track(await startServer({ server: { limits: { streams: 2 * OTHERS + 3 } } }))
    const open = async (count: number): Promise<RawStream[]> => {
      const { node } = track(await startBare(false))
      const streams: RawStream[] = []
      for (let i = 0; i < count; i++) {
        const stream = await RawStream.open(node, server.tcp)
        expect(await ask(stream)).toBe('get')
        streams.push(stream)
      }
      return streams
    }
    // streams of others are idle for longer than those of the peer that has most
    const others: RawStream[] = []
    for (let i = 0; i < OTHERS; i++) {
      others.push(...(await open(2)))
    }
    const most = await open(3)
    expect(server.records.streams).toBe(2 * OTHERS + 3)
    // the first one is used again: the second has been idle for longest
    expect(await ask(most[0] as RawStream)).toBe('get')
    const newcomer = await open(1)
    expect(await (most[1] as RawStream).next()).toBe('reset')
    const rest = [most[0], most[2], ...others, ...newcomer] as RawStream[]
    expect(new Set(await Promise.all(rest.map(ask)))).toEqual(new Set(['get']))
    expect(server.records.counters().get('sessions.evicted')).toBe(1)
    expect(server.records.streams).toBe(2 * OTHERS + 3)
  })
})

describe('the end of a client', () => {
  it.each(['tcp', 'ws'] as const)('in order, over %s, is no reset', async (transport) => {
    const server = track(await startServer())
    const client = await startClient()
    await client.records.update(server[transport], 'k', from({ x: 1 }), { ttl: 60 })
    await client.stop()
    await sleep(200)
    expect(server.records.streams).toBe(0)
    expect([...server.records.counters().keys()]).toEqual(['sessions.opened', 'requests.update'])
  })
})
