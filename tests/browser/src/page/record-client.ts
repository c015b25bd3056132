// A client in a page, and a node in another process: signed updates, reads and a watch over WebSocket.
import { describe, expect, it } from '@jest/globals'
import { noise } from '@libp2p/noise'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { smartRecordClient, WatchedRecord } from '@sr/protocol-client'
import { createUpdateCodec } from '@sr/update'
import { print } from '@sr/xr'
import { parseSelector } from '@sr/xr/selector'
import { createLibp2p } from 'libp2p'

async function startClient() {
  const node = await createLibp2p({
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    // in a page libp2p refuses loopback addresses and WebSocket without TLS, which is what a test has
    connectionGater: { denyDialMultiaddr: () => false },
    services: { records: smartRecordClient() },
  })
  const address = multiaddr(await (await fetch('/address')).text())
  return { node, address, self: node.peerId.toString(), records: node.services.records }
}

describe('a client of /smart-record/1.0.0 in a page', () => {
  it('updates, signed, and reads', async () => {
    const { node, address, self, records } = await startClient()
    const receipt = await records.update(address, 'page', { nick: 'ann', peers: { home: 1 } }, { ttl: 60 })
    expect(receipt.stored).toBe(true)
    const { documents } = await records.get(address, 'page')
    const view = documents.get(self)
    expect([view?.signed, print(view?.document ?? 'none')]).toEqual([true, '{nick="ann" peers={home=1}}'])
    const { updates } = await records.getUpdates(address, 'page')
    const { update } = await createUpdateCodec({ network: 'main' }).decode(updates[0] as Uint8Array)
    expect([update.writer, update.signed]).toEqual([self, true])
    const rows: string[] = []
    for await (const row of records.query(address, 'page', parseSelector('peers/*'))) rows.push(print(row.node))
    expect(rows).toEqual(['1'])
    expect((await records.info(address)).can).toEqual(['query', 'watch', 'explain'])
    await node.stop()
  })

  it('watches what another one writes', async () => {
    const reader = await startClient()
    const writer = await startClient()
    const record = new WatchedRecord()
    const seen: string[] = []
    for await (const part of reader.records.watch(reader.address, 'watched')) {
      record.apply(part)
      if (part.kind === 'marker') {
        await writer.records.update(writer.address, 'watched', { n: 1 }, { ttl: 60 })
        await writer.records.update(writer.address, 'watched', { n: 2 }, { ttl: 60 })
      } else if (part.kind === 'changes') {
        seen.push(print(record.documents.get(writer.self)?.node ?? 'none'))
        if (seen.length === 2) break
      }
    }
    expect(seen).toEqual(['{n=1}', '{n=2}'])
    await reader.node.stop()
    await writer.node.stop()
  })
})
