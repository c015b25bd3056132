import { afterEach, describe, expect, it } from '@jest/globals'
import { frame } from '@sr/protocol'
import { GO_PROTOCOL, goMessage } from '@sr/protocol-go'
import { startBare, startServer, type ServerOptions } from './hosts.ts'

const KIB = 1024
const GET = frame(goMessage.encode({ type: 'get', key: Buffer.from('k') }))

const running: Array<{ stop(): Promise<void> }> = []

afterEach(async () => {
  await Promise.all(running.splice(0).map(async (node) => await node.stop()))
})

async function start(options: ServerOptions['server']) {
  // the second request is delayed by almost 5 s, so that what follows it stays where it is
  const limits = { readsPerSecond: 0.21, readsBurst: 1, ...options?.limits }
  const server = await startServer({ server: { limits } })
  const hostile = await startBare(false)
  running.push(hostile, server)
  return { server, hostile }
}

/** Resolves when `value` has been the same for 200 ms, from `least` to `most`; after 10 s in any case. */
async function settled(value: () => number, least = 0, most = Infinity): Promise<number> {
  const end = performance.now() + 10_000
  for (let last = -1, since = performance.now(); ;) {
    await new Promise((resolve) => {
      setTimeout(resolve, 20)
    })
    if (value() !== last) {
      last = value()
      since = performance.now()
    } else if ((performance.now() - since > 200 && last >= least && last <= most) || performance.now() > end) {
      return last
    }
  }
}

describe('what a stream has received and not read', () => {
  it.each([
    ['in large pieces', 300 * KIB],
    ['in pieces of one request', GET.length],
  ])('is held, counted, and limited by the window, %s', async (_what, piece) => {
    const { server, hostile } = await start({})
    const stream = await (await hostile.node.dial(server.tcp)).newStream(GO_PROTOCOL)
    const bytes = Buffer.concat(new Array<Uint8Array>(Math.ceil((300 * KIB) / GET.length)).fill(GET))
    for (let at = 0; at < bytes.length; at += piece) {
      stream.send(bytes.subarray(at, at + piece))
    }
    const held = await settled(() => server.records.buffered, 200 * KIB)
    // the window of 256 KiB, and at most as much again for a buffer that has grown
    expect(held).toBeGreaterThan(200 * KIB)
    expect(held).toBeLessThan(1024 * KIB)
    stream.abort(new Error('enough'))
    // on a busy machine the reset arrives late
    expect(await settled(() => server.records.buffered, 0, 0)).toBe(0)
  })

  it('ends streams of a peer above its limit, and no others', async () => {
    const { server, hostile } = await start({ limits: { bufferedPerPeer: 800 * KIB } })
    const other = await startBare(false)
    running.push(other)
    const quiet = await (await other.node.dial(server.tcp)).newStream(GO_PROTOCOL)
    quiet.send(GET)
    const connection = await hostile.node.dial(server.tcp)
    const streams = await Promise.all(Array.from({ length: 8 }, async () => await connection.newStream(GO_PROTOCOL)))
    // half a request: no rate applies to it
    for (const stream of streams) {
      stream.send(Buffer.concat([Uint8Array.of(0x80, 0x80, 0x40), new Uint8Array(230 * KIB)]))
    }
    expect(await settled(() => server.records.buffered, 0, 800 * KIB)).toBeLessThanOrEqual(800 * KIB)
    expect(streams.filter(({ status }) => status === 'reset').length).toBeGreaterThan(2)
    expect(server.records.counters().get('refused.E_BUSY')).toBeGreaterThan(2)
    expect(quiet.status).toBe('open')
  })
})
