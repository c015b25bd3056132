import { afterEach, describe, expect, it } from '@jest/globals'
import type { Connection } from '@libp2p/interface'
import { from } from '@sr/xr'
import { startBare, startClient, startServer } from './hosts.ts'

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
    expect((await track(await startClient()).records.get(server.tcp, 'k')).size).toBe(1)
    // the connection that is used has stayed
    expect(server.node.getConnections(busy.node.peerId)[0]?.streams.length).toBeGreaterThan(0)
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
