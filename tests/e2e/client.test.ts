import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from '@jest/globals'
import { goClientProtocol } from '@sr/protocol-go/client'
import { smartRecordClient, type Target } from '@sr/protocol-client'
import { from } from '@sr/xr'
import { parse } from '@sr/xr/text'
import { shown, startClient, startServer } from './hosts.ts'

describe('the client', () => {
  it('has one stream to a peer, whatever its spelling, also after a wrong one', async () => {
    const server = await startServer()
    const client = await startClient()
    const { peerId } = server.node
    const bare = (address: unknown): string => String(address).replace(/\/p2p\/.*/, '')
    const targets: Target[] = [
      server.tcp,
      peerId,
      server.self,
      String(server.tcp),
      peerId.toCID().toString(),
      [server.tcp, server.ws],
      [server.ws, String(server.tcp)],
      bare(server.tcp),
      multiaddr(bare(server.tcp)),
    ]
    await expect(client.records.get('bob', 'k')).rejects.toMatchObject({ code: 'PROTOCOL_PEER' })
    await expect(client.records.get(7 as never, 'k')).rejects.toMatchObject({ code: 'PROTOCOL_PEER' })
    await client.records.get(server.tcp, 'k')
    await Promise.all(targets.map(async (target) => await client.records.update(target, 'k', { x: 1 }, { ttl: 60 })))
    expect(server.records.streams).toBe(1)
    await client.stop()
    await server.stop()
  })

  it('copies what it is given: one buffer serves calls that are not awaited', async () => {
    const server = await startServer()
    const client = await startClient()
    const key = new Uint8Array(1)
    const bytes = new Uint8Array(1)
    const options = { ttl: 60 }
    const addresses = [server.tcp]
    const calls = [1, 2, 3].map((i) => {
      key[0] = i
      bytes[0] = i
      const call = client.records.update(addresses, key, { bytes }, options)
      options.ttl = 61
      return call
    })
    addresses.length = 0
    key.fill(0)
    bytes.fill(0)
    options.ttl = -1
    await Promise.all(calls)
    const asked = [1, 2, 3].map((i) => {
      key[0] = i
      return client.records.get(server.tcp, key)
    })
    key.fill(0)
    const records = await Promise.all(asked)
    expect(records.map(shown)).toEqual([1, 2, 3].map((i) => ({ [client.peer]: `{bytes=0x0${i}}` })))
    await client.stop()
    await server.stop()
  })

  it.each([
    ['{nick=$remvoe()}', 'IR_OPERATOR', ['nick']],
    ['{a=$ttl(1)}', 'IR_OPERATOR', ['a']],
    ['{a=$ttl("x", 2592001)}', 'IR_RETAIN', ['a']],
    ['{a={b=$ttl("x", 0)}}', 'IR_TTL', ['a', 'b']],
  ])('sends nothing that every server refuses, and says what it is: %s', async (text, code, path) => {
    const server = await startServer()
    const client = await startClient()
    await expect(client.records.update(server.tcp, 'k', parse(text), { ttl: 60 })).rejects.toMatchObject({ code, path })
    expect(server.records.streams).toBe(0)
    await client.stop()
    await server.stop()
  })

  it('says that the Go protocol cannot carry $set and $remove of the whole document', async () => {
    const server = await startServer()
    const client = await startClient()
    for (const body of [parse('$remove()'), parse('$set({a=1})')]) {
      await expect(client.records.update(server.tcp, 'k', body, { ttl: 60 })).rejects.toMatchObject({
        code: 'PROTOCOL_DOC',
        applied: 'no',
      })
    }
    await client.stop()
    await server.stop()
  })

  it('waits without a limit when told so', async () => {
    const server = await startServer()
    const client = await startClient({ protocols: [goClientProtocol({ timeoutMs: Infinity, idleMs: Infinity })] })
    await client.records.update(server.tcp, 'k', from({ x: 1 }), { ttl: 60 })
    expect((await client.records.get(server.tcp, 'k')).documents.size).toBe(1)
    await client.stop()
    await server.stop()
  })

  it.each<[string, () => unknown, string, string]>([
    ['an unknown option', () => smartRecordClient({ protocol: {} } as never), 'CONFIG_UNKNOWN', 'protocol'],
    ['no protocol', () => smartRecordClient({ protocols: [] }), 'CONFIG_RANGE', 'protocols'],
    [
      'an object without the members of a protocol',
      () => smartRecordClient({ protocols: [{}] } as never),
      'CONFIG_MISSING',
      'protocols[0].id',
    ],
    [
      'a string as a flag',
      () => smartRecordClient({ runOnLimitedConnection: 'no' } as never),
      'CONFIG_TYPE',
      'runOnLimitedConnection',
    ],
    ['NaN as a timeout', () => goClientProtocol({ timeoutMs: NaN }), 'CONFIG_RANGE', 'timeoutMs'],
    ['a negative timeout', () => goClientProtocol({ idleMs: -1 }), 'CONFIG_RANGE', 'idleMs'],
    ['an unknown timeout', () => goClientProtocol({ timeout: 5 } as never), 'CONFIG_UNKNOWN', 'timeout'],
  ])('refuses %s at construction', (_name, make, code, field) => {
    expect(make).toThrow(expect.objectContaining({ name: 'ConfigError', code, field }))
  })
})
