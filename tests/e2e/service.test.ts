import { generateKeyPair } from '@libp2p/crypto/keys'
import type { ConnectionEncrypter } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { describe, expect, it } from '@jest/globals'
import { smartRecordServer } from '@sr/protocol-server'
import { createUpdateCodec } from '@sr/update'
import { createMachine } from '@sr/vm'
import { type Dict, from } from '@sr/xr'
import { createLibp2p } from 'libp2p'
import { goProtocol, startClient, startServer } from './hosts.ts'
import { RawStream } from './remote.ts'

const said = from({ x: 1 }) as Dict

describe('the server as a libp2p service', () => {
  it('does not start where anyone could write as anyone', async () => {
    const server = await startServer()
    const plaintext = { protocol: '/plaintext/2.0.0' } as ConnectionEncrypter
    const unsafe = await createLibp2p({
      start: false,
      transports: [tcp()],
      streamMuxers: [yamux()],
      connectionEncrypters: [() => plaintext],
      services: { records: smartRecordServer({ machine: server.machine, protocols: [goProtocol()] }) },
    })
    await expect(Promise.resolve(unsafe.start())).rejects.toMatchObject({ code: 'PROTOCOL_CONFIG' })
    await unsafe.stop()
    await server.stop()
  })

  it.each(['does not run', 'has stopped', 'is another peer'])('does not start on a machine that %s', async (what) => {
    const privateKey = await generateKeyPair('Ed25519')
    const self = peerIdFromPrivateKey(what === 'is another peer' ? await generateKeyPair('Ed25519') : privateKey)
    const machine = createMachine({ self: self.toString(), updates: createUpdateCodec({ network: 'test' }) })
    if (what !== 'does not run') {
      await machine.start()
    }
    if (what === 'has stopped') {
      await machine.close()
    }
    const node = await createLibp2p({
      start: false,
      privateKey,
      transports: [tcp()],
      streamMuxers: [yamux()],
      connectionEncrypters: [noise()],
      services: { records: smartRecordServer({ machine, protocols: [goProtocol()] }) },
    })
    await expect(Promise.resolve(node.start())).rejects.toMatchObject({ code: 'PROTOCOL_CONFIG' })
    await node.stop()
    await machine.close()
  })

  it('can be stopped and started again', async () => {
    const server = await startServer()
    const client = await startClient()
    await client.records.update(server.tcp, 'k', said, { ttl: 60 })
    expect(server.records.streams).toBe(1)
    await server.records.stop()
    expect(server.records.streams).toBe(0)
    await expect(client.records.get(server.tcp, 'k')).rejects.toMatchObject({ applied: 'no' })
    await server.records.start()
    expect((await client.records.get(server.tcp, 'k')).documents.size).toBe(1)
    await client.stop()
    await server.stop()
  })

  it('stops with streams open, used, and stuck', async () => {
    const server = await startServer({ timeouts: { idle: 60_000 } })
    const client = await startClient()
    await client.records.update(server.tcp, 'k', said, { ttl: 60 })
    const stuck = await RawStream.open(client.node, server.tcp)
    await stuck.duplex.write(Uint8Array.of(0x07, 0x08)) // a request that never ends
    await server.stop()
    expect(server.records.streams).toBe(0)
    await client.stop()
  })

  it('refuses streams above its limits, and counts that', async () => {
    const server = await startServer({ server: { limits: { streams: 2 } } })
    const client = await startClient()
    const streams = await Promise.all([1, 2, 3].map(() => RawStream.open(client.node, server.tcp)))
    await Promise.all(
      streams.map(async (stream) => {
        await stream.send({ type: 'get', key: Uint8Array.of(1) }).catch(() => {})
      }),
    )
    const answers = await Promise.all(streams.map((stream) => stream.next()))
    expect(answers.filter((answer) => typeof answer === 'string')).toEqual(['reset'])
    expect(server.records.counters().get('refused.E_BUSY')).toBe(1)
    await client.stop()
    await server.stop()
  })
})
