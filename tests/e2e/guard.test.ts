import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Connection, Stream } from '@libp2p/interface'
import { from } from '@sr/xr'
import { startBare, startClient } from './hosts.ts'
import { spawnServer } from './remote.ts'

const FLOOD = new Uint8Array(2 * 1024 * 1024).fill(0x80)
const HEADER = Buffer.from('\x13/multistream/1.0.0\n')

let server: Awaited<ReturnType<typeof spawnServer>>
let honest: Awaited<ReturnType<typeof startClient>>
let hostile: Awaited<ReturnType<typeof startBare>>

beforeAll(async () => {
  ;[server, honest, hostile] = await Promise.all([spawnServer(), startClient(), startBare(false)])
  await honest.records.update(server.tcp, 'k', from({ x: 1 }), { ttl: 60 })
})
afterAll(async () => {
  await Promise.all([honest.stop(), hostile.stop()])
  await server.stop()
})

const portOf = (address: Awaited<ReturnType<typeof spawnServer>>['tcp']): number =>
  Number(address.getComponents().find(({ name }) => name === 'tcp')?.value)

/** The longest time in milliseconds that the honest client waits for an answer meanwhile. */
async function longestWait(abuse: () => Promise<unknown>): Promise<number> {
  let over = false
  let longest = 0
  const asking = (async () => {
    while (!over) {
      const from = performance.now()
      await honest.records.get(server.tcp, 'k')
      longest = Math.max(longest, performance.now() - from)
      await new Promise((resolve) => {
        setTimeout(resolve, 2)
      })
    }
  })()
  await abuse().finally(() => {
    over = true
  })
  await asking
  return longest
}

/** Without the guard the event loop stands still for 3 to 15 seconds. */
const MOST_MS = 1000

describe('a length without end in place of a negotiation', () => {
  it.each([
    ['at once', FLOOD],
    ['behind the header', Buffer.concat([HEADER, FLOOD])],
    ['behind a protocol that is not spoken', Buffer.concat([HEADER, Buffer.from('\x03/x\n'), FLOOD])],
  ])('ends a socket before it is encrypted, %s', async (_when, bytes) => {
    const wait = await longestWait(async () => {
      const socket = connect(portOf(server.tcp), '127.0.0.1')
      socket.on('error', () => {}) // it is reset
      await once(socket, 'connect')
      socket.write(bytes)
      await new Promise((resolve) => {
        socket.resume().once('close', resolve)
      })
    })
    expect(wait).toBeLessThan(MOST_MS)
  })

  it('ends a stream, and leaves the connection open', async () => {
    const connection = (await hostile.node.dial(server.tcp)) as Connection & {
      muxer: { createStream(): Promise<Stream> }
    }
    const wait = await longestWait(async () => {
      const stream = await connection.muxer.createStream()
      const closed = once(stream as unknown as EventTarget as never, 'close')
      stream.send(Buffer.concat([HEADER, FLOOD]))
      await closed
      expect(stream.status).toBe('reset')
    })
    expect(wait).toBeLessThan(MOST_MS)
    expect(connection.status).toBe('open')
  })
})

describe('the guard', () => {
  it('refuses WebSocket messages above 1 MiB', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${portOf(server.ws)}`)
    await once(socket as never, 'open')
    socket.send(new Uint8Array(1024 * 1024 + 1))
    const [{ code }] = (await once(socket as never, 'close')) as [{ code: number }]
    expect(code).toBe(1009) // message too big
  })

  it('lets a peer try protocols that are not spoken', async () => {
    await expect(hostile.node.dialProtocol(server.tcp, '/x/1')).rejects.toMatchObject({
      name: 'UnsupportedProtocolError',
    })
    const stream = await hostile.node.dialProtocol(server.tcp, ['/x/1', '/x/2', '/ipfs/smart-record/0.0.1'])
    expect(stream.protocol).toBe('/ipfs/smart-record/0.0.1')
    stream.abort(new Error('enough'))
  })

  it('ends a WebSocket that sends an invalid frame, and nothing else', async () => {
    const socket = connect(portOf(server.ws), '127.0.0.1')
    await once(socket, 'connect')
    socket.write(
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    )
    await once(socket, 'data')
    socket.write(Uint8Array.of(0xff, 0xff, 0xff)) // reserved bits and an unknown opcode
    await new Promise((resolve) => {
      socket
        .on('error', () => {})
        .resume()
        .once('close', resolve)
    })
    expect((await honest.records.get(server.ws, 'k')).documents.size).toBe(1)
  })
})
