import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type Dict, from } from '@sr/xr'
import { shown, startClient } from './hosts.ts'
import { spawnServer } from './remote.ts'

let server: Awaited<ReturnType<typeof spawnServer>>
let ann: Awaited<ReturnType<typeof startClient>>
let bob: Awaited<ReturnType<typeof startClient>>

beforeAll(async () => {
  ;[server, ann, bob] = await Promise.all([spawnServer(), startClient(), startClient()])
})

afterAll(async () => {
  await Promise.all([ann.stop(), bob.stop()])
})

const dict = (plain: object): Dict => from(plain as Record<string, string>) as Dict

describe('a server in another process', () => {
  it.each(['tcp', 'ws'] as const)('keeps what two peers say over %s', async (transport) => {
    await ann.records.update(server[transport], transport, dict({ nick: 'ann' }), { ttl: 60 })
    await bob.records.update(server[transport], transport, dict({ nick: 'bob' }), { ttl: 60 })
    const record = await ann.records.get(server[transport], transport)
    expect(shown(record)).toEqual({ [ann.peer]: '{nick="ann"}', [bob.peer]: '{nick="bob"}' })
  })

  it('lets what is said end', async () => {
    await ann.records.update(server.tcp, 'short', dict({ x: 'y' }), { ttl: 1 })
    expect((await bob.records.get(server.tcp, 'short')).documents.size).toBe(1)
    await new Promise((resolve) => {
      setTimeout(resolve, 1100)
    })
    expect((await bob.records.get(server.tcp, 'short')).documents.size).toBe(0)
  })

  it('ends with nothing left that keeps its process', async () => {
    const { counters } = await server.report()
    expect(counters['requests.update']).toBe(5)
    expect(await server.stop()).toBe(0) // with the clients' streams still open
    await expect(ann.records.get(server.tcp, 'gone')).rejects.toMatchObject({ applied: 'no' })
  })
})
