import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { tcp } from '@libp2p/tcp'
import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { frame, FrameReader } from '@sr/protocol'
import { streamDuplex } from '@sr/protocol/libp2p'
import { smartRecordClient } from '@sr/protocol-client'
import { goClientProtocol } from '@sr/protocol-go/client'
import { createLibp2p } from 'libp2p'
import { median } from './measure.ts'
import type { Row } from './report.ts'

const CLIENTS = 8
const ROUNDS = 5
const ROUND_MS = 1500
const BARE = '/bench/bare/1.0.0'

type Pair = (key: string, value: string) => Promise<unknown>

/** Update and get pairs a second of some clients at once. */
async function rate(pairs: readonly Pair[]): Promise<number> {
  const end = performance.now() + ROUND_MS
  const counts = await Promise.all(
    pairs.map(async (pair, client) => {
      let count = 0
      for (; performance.now() < end; count++) await pair(`${client}-${count % 1000}`, `value ${count}`)
      return count
    }),
  )
  return counts.reduce((sum, count) => sum + count, 0) / (ROUND_MS / 1000)
}

/** Our stack beside a Map behind a length prefix and JSON, on the same libp2p nodes in two processes. */
export async function suite(): Promise<Row[]> {
  const server = fork(fileURLToPath(new URL('net-server.ts', import.meta.url)))
  const address = multiaddr(
    await new Promise<string>((resolve) =>
      server.once('message', (message) => {
        resolve(String(message))
      }),
    ),
  )
  const nodes = await Promise.all(
    Array.from({ length: CLIENTS }, () =>
      createLibp2p({
        transports: [tcp()],
        connectionEncrypters: [noise()],
        streamMuxers: [yamux()],
        services: { records: smartRecordClient({ protocols: [goClientProtocol()] }) },
      }),
    ),
  )
  const ours: Pair[] = nodes.map(({ services: { records } }) => async (key, value) => {
    await records.update(address, key, { value }, { ttl: 600 })
    return await records.get(address, key)
  })
  const bare: Pair[] = await Promise.all(
    nodes.map(async (node) => {
      const duplex = streamDuplex(await node.dialProtocol(address, BARE))
      const reader = new FrameReader()
      const ask = async (request: object): Promise<unknown> => {
        await duplex.write(frame(new TextEncoder().encode(JSON.stringify(request))))
        for (let answer = reader.next(); ; answer = reader.next()) {
          if (answer !== undefined) return JSON.parse(new TextDecoder().decode(answer))
          reader.push((await duplex.read()) as Uint8Array)
        }
      }
      return async (key: string, value: string) => {
        await ask({ key, value })
        return await ask({ key })
      }
    }),
  )
  const rates = { ours: [] as number[], bare: [] as number[] }
  await rate(ours)
  await rate(bare)
  for (let round = 0; round < ROUNDS; round++) {
    rates.ours.push(await rate(ours))
    rates.bare.push(await rate(bare))
  }
  await Promise.all(
    nodes.map(async (node) => {
      await node.stop()
    }),
  )
  server.kill()
  const [us, them] = [median(rates.ours), median(rates.bare)]
  return [
    {
      work: `update and get pairs of ${CLIENTS} clients over TCP`,
      figure: `${us.toFixed(0)}/s`,
      against: `a bare key-value handler ${them.toFixed(0)}/s`,
      ratio: us / them,
      target: '≥ 0.45x',
      met: us / them >= 0.45,
    },
  ]
}
