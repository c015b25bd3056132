import { afterEach, describe, expect, it } from '@jest/globals'
import type { WatchPart } from '@sr/protocol'
import { recordClientProtocol, WatchedRecord } from '@sr/protocol-client'
import { createSigner, signedClientProtocol } from '@sr/protocol-client/signing'
import { quorumGet } from '@sr/protocol-client/quorum'
import { goClientProtocol } from '@sr/protocol-go/client'
import { delay } from '@sr/runtime'
import { createUpdateCodec } from '@sr/update'
import { print, type Node } from '@sr/xr'
import { MemoryDatastore } from 'datastore-core'
import { goProtocol } from './hosts.ts'
import { type NodeOptions, startNode } from './record-hosts.ts'

type Started = Awaited<ReturnType<typeof startNode>>

const nodes: Started[] = []

afterEach(async () => {
  await Promise.all(nodes.splice(0).map(async (one) => await one.stop()))
})

async function start(options: NodeOptions = {}): Promise<Started> {
  const node = await startNode(options)
  nodes.push(node)
  return node
}

const shown = (documents: ReadonlyMap<string, { document: Node }>): unknown[] =>
  Array.from(documents, ([writer, { document }]) => [writer, print(document)])

describe('the client as a service of libp2p', () => {
  it('signs by default, with a receipt that carries the envelope', async () => {
    const [server, ann] = [await start(), await start()]
    const receipt = await ann.records.update(server.address, 'k', { nick: 'ann' }, { ttl: 60 })
    const record = await ann.records.get(server.address, 'k')
    expect(shown(record.documents)).toEqual([[ann.self, '{nick="ann"}']])
    expect(record.documents.get(ann.self)).toMatchObject({ signed: true, seq: receipt.seq })
    const { updates } = await ann.records.getUpdates(server.address, 'k')
    expect(updates).toEqual([receipt.signed])
    const { update } = await createUpdateCodec({ network: 'main' }).decode(updates[0] as Uint8Array)
    expect(update).toMatchObject({ writer: ann.self, signed: true, seq: receipt.seq })
    expect(server.server.streams).toBe(1)
  })

  it('sends what the server stamps, when told to', async () => {
    const [server, ann] = [await start(), await start({ client: { unsigned: true } })]
    const receipt = await ann.records.update(server.address, 'k', { nick: 'ann' }, { ttl: 60 })
    expect(receipt.signed).toBeUndefined()
    expect((await ann.records.get(server.address, 'k')).documents.get(ann.self)).toMatchObject({ signed: false })
    const signed = await ann.records.sign('k', { nick: 'ann!' }, { ttl: 60 })
    expect(await ann.records.submit(server.address, [{ signed }])).toMatchObject([{ stored: true }])
  })

  it('reads and writes its own records without a stream', async () => {
    const ann = await start()
    const receipt = await ann.records.update(ann.self, 'k', { nick: 'ann' }, { ttl: 60 })
    expect(receipt.signed).toBeInstanceOf(Uint8Array)
    for (const target of [ann.self, ann.address, ann.node.peerId]) {
      expect(shown((await ann.records.get(target, 'k')).documents)).toEqual([[ann.self, '{nick="ann"}']])
    }
    const watch = ann.records.watch(ann.self, 'k')
    expect((await watch.next()).value).toMatchObject({ kind: 'snapshot' })
    await watch.return?.()
    expect(ann.server.streams).toBe(0)
  })

  it('falls back to 0.0.1 in one negotiation, and says what that does not have', async () => {
    const protocols = [recordClientProtocol(), goClientProtocol()]
    const [old, now] = [await start({ protocols: [goProtocol()] }), await start()]
    const ann = await start({ client: { protocols } })
    for (const server of [old, now]) {
      await ann.records.update(server.address, 'k', { nick: 'ann' }, { ttl: 60 })
      expect(shown((await ann.records.get(server.address, 'k')).documents)).toEqual([[ann.self, '{nick="ann"}']])
      expect(server.server.streams).toBe(1)
    }
    await expect(ann.records.getUpdates(old.address, 'k')).rejects.toMatchObject({ code: 'PROTOCOL_UNSUPPORTED' })
    await expect(ann.records.watch(old.address, 'k').next()).rejects.toMatchObject({ code: 'PROTOCOL_UNSUPPORTED' })
    expect((await ann.records.getUpdates(now.address, 'k')).updates).toHaveLength(1)
  })

  it('says no more than unreachable to a server that has only the other protocol', async () => {
    const [old, ann] = [await start({ protocols: [goProtocol()] }), await start()]
    await expect(ann.records.get(old.address, 'k')).rejects.toMatchObject({
      code: 'PROTOCOL_UNREACHABLE',
      applied: 'no',
    })
  })

  it('goes on with a watch after the server was started again at the same place', async () => {
    const datastore = new MemoryDatastore()
    const first = await startNode()
    const port = Number(first.address.getComponents().find(({ name }) => name === 'tcp')?.value)
    const ann = await start({ client: { datastore } })
    await ann.records.update(first.address, 'k', { run: 1 }, { ttl: 60 })
    const watch = ann.records.watch(first.address, 'k')
    const record = new WatchedRecord()
    const until = async (text: string): Promise<void> => {
      while (print(record.documents.get(ann.self)?.node ?? 'nothing') !== text) {
        record.apply((await watch.next()).value as WatchPart)
      }
    }
    await until('{run=1}')
    await first.stop()
    const second = await start({ privateKey: first.privateKey, port })
    await ann.records.update(second.address, 'k', { run: 2 }, { ttl: 60 })
    await until('{run=2}')
    expect(record.documents.size).toBe(1)
    await watch.return?.()
  }, 30_000)

  it('says again what another device of the same identity has overtaken', async () => {
    const server = await start()
    const phone = await start()
    const { privateKey } = phone
    const late = createSigner({ privateKey, now: () => Date.now() - 60_000 })
    const protocols = [signedClientProtocol(recordClientProtocol(), late)]
    const laptop = await start({ privateKey, client: { protocols, unsigned: true } })
    const first = await phone.records.update(server.address, 'k', { at: 'phone' }, { ttl: 600 })
    const second = await laptop.records.update(server.address, 'k', { at: 'laptop' }, { ttl: 600 })
    expect([second.changed, second.seq > first.seq]).toEqual([true, true])
    expect(shown((await phone.records.get(server.address, 'k')).documents)).toEqual([[phone.self, '{at="laptop"}']])
  })

  it('reads from several servers, and says which of them withholds', async () => {
    const servers = await Promise.all([start(), start(), start()])
    const [ann, bob] = [await start(), await start()]
    const addresses = servers.map(({ address }) => address)
    const said = await ann.records.sign('k', { nick: 'ann' }, { ttl: 60 })
    await Promise.all(addresses.map(async (address) => await ann.records.submit(address, [{ signed: said }])))
    await bob.records.update(addresses[0] as never, 'k', { nick: 'bob' }, { ttl: 60 })
    await servers[2]?.stop()
    nodes.splice(nodes.indexOf(servers[2] as Started), 1)
    const record = await quorumGet(bob.records, addresses, 'k', { signal: AbortSignal.timeout(8000) })
    expect(new Map(shown(record.documents) as Array<[string, string]>)).toEqual(
      new Map([
        [ann.self, '{nick="ann"}'],
        [bob.self, '{nick="bob"}'],
      ]),
    )
    expect(record.documents.get(bob.self)).toMatchObject({ servedBy: [0], withheldBy: [1] })
    expect(record.servers.map(({ error }) => error === undefined)).toEqual([true, true, false])
  }, 30_000)

  it('carries an update by gossipsub, byte for byte, to a node with an empty grammar', async () => {
    const [ann, bob] = [await start(), await start()]
    const topic = 'records'
    const received = new Promise<Uint8Array>((resolve) => {
      bob.pubsub.addEventListener('message', ({ detail }) => resolve(detail.data as Uint8Array))
    })
    bob.pubsub.subscribe(topic)
    ann.pubsub.subscribe(topic)
    await ann.node.dial(bob.address)
    while (ann.pubsub.getSubscribers(topic).length === 0) await delay(20)
    const signed = await ann.records.sign('lobby', { nick: 'ann', peers: ['bob'] }, { ttl: 60 })
    await ann.pubsub.publish(topic, signed)
    const [receipt] = await bob.records.submit(bob.self, [{ signed: await received }])
    expect(receipt).toMatchObject({ stored: true, changed: true })
    const record = await ann.records.get(bob.address, 'lobby')
    expect(shown(record.documents)).toEqual([[ann.self, '{nick="ann" peers=["bob"]}']])
    expect(record.documents.get(ann.self)?.signed).toBe(true)
    expect((await ann.records.getUpdates(bob.address, 'lobby')).updates).toEqual([signed])
  })
})
