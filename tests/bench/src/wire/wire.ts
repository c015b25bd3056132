import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { identify } from '@libp2p/identify'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { median } from '../measure.ts'
import type { Row } from '../report.ts'
import { BARE, barePair, ECHO, ECHO_JOINED, inOrder } from './echo.ts'
import { type ClientNode, clientNode, DHT } from './nodes.ts'
import { percentile, watchers } from './watchers.ts'

const CLIENTS = 8
const LANES = 64
const ROUNDS = 5
const ROUND_MS = 1000

type Work = (lane: number, n: number) => Promise<unknown>

/** How often some lanes do their work in a second. */
async function rate(lanes: number, work: Work, ms: number = ROUND_MS): Promise<number> {
  const end = performance.now() + ms
  let count = 0
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      for (let n = 0; performance.now() < end; n++, count++) await work(lane, n)
    }),
  )
  return count / (ms / 1000)
}

/** Median rates of several works in turns, so that a noisy moment meets all of them; each is warmed up first. */
async function rates<Name extends string>(
  lanes: number,
  works: Readonly<Record<Name, Work>>,
): Promise<Record<Name, number>> {
  const names = Object.keys(works) as Name[]
  const found = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  for (const name of names) await rate(lanes, works[name], ROUND_MS / 2)
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of names) found[name].push(await rate(lanes, works[name]))
  }
  return Object.fromEntries(names.map((name) => [name, median(found[name])])) as Record<Name, number>
}

type Client = ClientNode['services']['unsigned']

/** An update and a get of a record of one pair. */
function pair(client: Client, address: Multiaddr): Work {
  return async (lane, n) => {
    const key = `${lane}-${n % 1000}`
    await client.update(address, key, { value: `value ${n}` }, { ttl: 600 })
    return await client.get(address, key)
  }
}

function ratioRow(work: string, ours: number, against: string, theirs: number, target: number | undefined): Row {
  const ratio = ours / theirs
  return {
    work,
    figure: `${ours.toFixed(0)}/s`,
    against: `${against} ${theirs.toFixed(0)}/s`,
    ratio,
    target: target === undefined ? '' : `≥ ${target}x`,
    met: target === undefined || ratio >= target,
  }
}

/** Pairs of 8 clients beside the bare handler, on one transport. */
async function pairRows(nodes: readonly ClientNode[], address: Multiaddr, transport: string): Promise<Row[]> {
  const bares = await Promise.all(nodes.map(async (node) => barePair(await node.dialProtocol(address, BARE))))
  const echoes = await Promise.all(nodes.map(async (node) => inOrder(await node.dialProtocol(address, ECHO), false)))
  const message = new Uint8Array(30)
  const of = (name: 'unsigned' | 'signed' | 'go'): Work => {
    const works = nodes.map(({ services }) => pair(services[name], address))
    return async (lane, n) => await (works[lane] as Work)(lane, n)
  }
  const found = await rates(CLIENTS, {
    unsigned: of('unsigned'),
    signed: of('signed'),
    go: of('go'),
    bare: async (lane, n) => await bares[lane]?.(`${lane}-${n % 1000}`, `value ${n}`),
    echo: async (lane) => {
      await echoes[lane]?.(message)
      await echoes[lane]?.(message)
    },
  })
  const floors = transport === 'TCP' ? [0.8, 0.45, 0.55] : [0.6, undefined, undefined]
  const title = `pairs of ${CLIENTS} clients over ${transport}`
  return [
    ratioRow(`${title}, unsigned`, found.unsigned, 'bare handler', found.bare, floors[0]),
    ratioRow(`${title}, signed`, found.signed, 'bare handler', found.bare, floors[1]),
    ratioRow(`${title}, 0.0.1`, found.go, 'bare handler', found.bare, floors[2]),
    ratioRow(`${title}: the bare handler`, found.bare, 'two echoes', found.echo, undefined),
  ]
}

/** 64 requests under way on one stream beside echoes. */
async function pipelineRows(node: ClientNode, address: Multiaddr, transport: string): Promise<Row[]> {
  const client = node.services.unsigned
  const echo = inOrder(await node.dialProtocol(address, ECHO), false)
  const joined = inOrder(await node.dialProtocol(address, ECHO_JOINED), true)
  const message = new Uint8Array(30)
  const found = await rates(LANES, {
    get: async (lane, n) => await client.get(address, `${lane}-${n % 10}`),
    update: async (lane, n) => await client.update(address, `${lane}-${n % 10}`, { value: `value ${n}` }, { ttl: 600 }),
    echo: async () => await echo(message),
    joined: async () => await joined(message),
  })
  const title = `${LANES} in flight on one ${transport} stream`
  const floors = transport === 'TCP' ? [2, 1, 0.4] : [undefined, undefined, undefined]
  return [
    ratioRow(`${title}: get`, found.get, 'echo, a write each', found.echo, floors[0]),
    ratioRow(`${title}: update`, found.update, 'echo, a write each', found.echo, floors[1]),
    ratioRow(`${title}: get`, found.get, 'echo, joined writes', found.joined, floors[2]),
  ]
}

/** Put and get of the DHT between two nodes that know each other. */
async function dhtRow(node: ClientNode, address: Multiaddr): Promise<Row> {
  const dht = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      ping: ping(),
      dht: kadDHT({ ...DHT, clientMode: true, peerInfoMapper: passthroughMapper }),
    },
  })
  await dht.dial(address)
  // the routing table takes up a peer once identify has told that it serves the DHT
  const known = dht.services.dht as unknown as { routingTable: { size: number } }
  while (known.routingTable.size === 0) await new Promise((resolve) => setTimeout(resolve, 50))
  const encoder = new TextEncoder()
  const drain = async (events: AsyncIterable<unknown>): Promise<void> => {
    for await (const _ of events) {
      // until the query has ended
    }
  }
  const found = await rates(1, {
    ours: async (_, n) => await pair(node.services.unsigned, address)(0, n),
    dht: async (_, n) => {
      const key = encoder.encode(`/v/${n % 1000}`)
      await drain(dht.services.dht.put(key, encoder.encode(`value ${n}`)))
      await drain(dht.services.dht.get(key))
    },
  })
  await dht.stop()
  return ratioRow('pairs of one client over TCP', found.ours, '@libp2p/kad-dht put and get', found.dht, 15)
}

/** A get of 100 pairs by the Go protocol, beside what the Go implementation reached. */
async function goRow(node: ClientNode, address: Multiaddr): Promise<Row> {
  const document = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`key ${i}`, `value ${i}`]))
  await node.services.go.update(address, 'hundred', document, { ttl: 600 })
  const { get } = await rates(1, { get: async () => await node.services.go.get(address, 'hundred') })
  return ratioRow('get of 100 pairs, 0.0.1, one client', get, 'two Go peers, measured in 2026', 761, 2)
}

/** Small requests beside a large answer on one stream. */
async function besideRow(node: ClientNode, address: Multiaddr): Promise<Row> {
  const client = node.services.unsigned
  for (let i = 0; i < 5; i++) {
    const document = Object.fromEntries(Array.from({ length: 200 }, (_, j) => [`key ${i} ${j}`, 'x'.repeat(1000)]))
    await client.update(address, 'large', document, { ttl: 600 })
  }
  await client.update(address, 'small', { value: 1 }, { ttl: 600 })
  let running = true
  const large = (async () => {
    while (running) await client.get(address, 'large')
  })()
  const times: number[] = []
  for (let i = 0; i < 500; i++) {
    const start = performance.now()
    await client.get(address, 'small')
    times.push(performance.now() - start)
  }
  running = false
  await large
  const p50 = percentile(times, 0.5)
  return {
    work: 'small get beside 1 MB answers on one stream: p50',
    figure: `${p50.toFixed(2)} ms`,
    against: `p99 ${percentile(times, 0.99).toFixed(1)} ms`,
    ratio: undefined,
    target: '≤ 2 ms',
    met: p50 <= 2,
  }
}

/** The wire: two processes over loopback. Rates and quotas of the server are raised, limits of form are not. */
export async function suite(): Promise<Row[]> {
  const server = fork(fileURLToPath(new URL('server.ts', import.meta.url)))
  const { addresses } = await new Promise<{ addresses: string[] }>((resolve) => {
    server.once('message', (message) => {
      resolve(message as { addresses: string[] })
    })
  })
  const find = (webSocket: boolean): Multiaddr =>
    multiaddr(addresses.find((address) => address.includes('/ws') === webSocket) as string)
  console.log('the server admits any number of updates, reads, records and bytes of a peer')
  const nodes = await Promise.all(Array.from({ length: CLIENTS }, clientNode))
  const first = nodes[0] as ClientNode
  const rows: Row[] = []
  const add = async (measured: Promise<Row | Row[]>): Promise<void> => {
    const found = [await measured].flat()
    for (const { work, figure, against } of found) console.error(`${work}: ${figure}, ${against}`)
    rows.push(...found)
  }
  await add(pairRows(nodes, find(false), 'TCP'))
  await add(pipelineRows(first, find(false), 'TCP'))
  await add(besideRow(first, find(false)))
  await add(goRow(first, find(false)))
  await add(dhtRow(first, find(false)))
  await add(watchers(find(false)))
  await Promise.all(nodes.map((node) => node.stop()))
  const others = await Promise.all(Array.from({ length: CLIENTS }, clientNode))
  await add(pairRows(others, find(true), 'WebSocket'))
  await add(pipelineRows(others[0] as ClientNode, find(true), 'WebSocket'))
  await Promise.all(others.map((node) => node.stop()))
  server.kill()
  return rows
}
