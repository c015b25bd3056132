import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { frame, FrameReader, type ServerProtocol } from '@sr/protocol'
import { streamDuplex } from '@sr/protocol/libp2p'
import { from } from '@sr/xr'
import { goProtocol, startClient, startServer } from './hosts.ts'

const FRAME_BYTES = 16 * 1024

/** Frames written so far on all streams, for the test of backpressure. */
let written = 0

/** A protocol of a third party: each request names a number of frames, and is answered by so many, one after the other. */
const streaming: ServerProtocol = {
  id: '/test/streaming/1.0.0',
  async serve(duplex, { account, scheduler, machine, signal }) {
    const reader = new FrameReader()
    for (let chunk = await duplex.read(); chunk !== undefined && !signal.aborted; chunk = await duplex.read()) {
      reader.push(chunk)
      for (let request = reader.next(); request !== undefined; request = reader.next()) {
        await scheduler.admit('read')
        await scheduler.turn()
        account.count('requests.stream')
        const count = new DataView(request.buffer, request.byteOffset).getUint32(0)
        const record = (await machine.get(new TextEncoder().encode('k'), { signal })).documents
        for (let n = 0; n < count; n++) {
          const message = new Uint8Array(FRAME_BYTES).fill(record.size)
          account.hold(message.length)
          await scheduler.yield()
          await duplex.write(frame(message))
          written++
        }
        account.hold(0)
      }
    }
    await duplex.close()
  },
}

const request = (count: number): Uint8Array => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, count)
  return frame(bytes)
}

let server: Awaited<ReturnType<typeof startServer>>
let client: Awaited<ReturnType<typeof startClient>>

beforeAll(async () => {
  server = await startServer({ server: { protocols: [goProtocol(), streaming] } })
  client = await startClient()
  await client.records.update(server.tcp, 'k', from({ x: 1 }), { ttl: 60 })
})
afterAll(async () => {
  await client.stop()
  await server.stop()
})

describe('a protocol of a third party', () => {
  it('answers one request with many frames, beside the Go protocol on the same node', async () => {
    const duplex = streamDuplex(await client.node.dialProtocol(server.tcp, streaming.id))
    await duplex.write(request(500))
    const reader = new FrameReader()
    let frames = 0
    while (frames < 500) {
      const chunk = await duplex.read()
      reader.push(chunk as Uint8Array)
      for (let message = reader.next(); message !== undefined; message = reader.next()) {
        expect([message.length, message[0]]).toEqual([FRAME_BYTES, 1])
        frames++
      }
    }
    expect((await client.records.get(server.tcp, 'k')).documents.size).toBe(1)
    await duplex.close()
    expect(await duplex.read()).toBeUndefined()
    expect(server.records.counters().get('requests.stream')).toBe(1)
    expect(server.records.buffered).toBe(0)
  })

  it('is held up by a reader that does not read, and nothing else is', async () => {
    written = 0
    const duplex = streamDuplex(await client.node.dialProtocol(server.tcp, streaming.id))
    await duplex.write(request(10_000))
    await duplex.read()
    let before = -1
    while (written !== before) {
      before = written
      await new Promise((resolve) => setTimeout(resolve, 200))
      expect((await client.records.get(server.tcp, 'k')).documents.size).toBe(1)
    }
    // 160 MB were asked for: what is written fits into the buffers on the way
    expect(written * FRAME_BYTES).toBeLessThan(8 * 1024 * 1024)
    expect(server.records.buffered).toBe(FRAME_BYTES)
    duplex.abort(new Error('enough'))
    while (server.records.buffered > 0) await new Promise((resolve) => setTimeout(resolve, 10))
  })
})
