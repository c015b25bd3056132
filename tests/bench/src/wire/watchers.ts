import type { Multiaddr } from '@multiformats/multiaddr'
import type { Row } from '../report.ts'
import { type ClientNode, clientNode } from './nodes.ts'

const NODES = 20
const WATCHERS = 1000
const UPDATES_PER_SECOND = 20
const SECONDS = 5

export function percentile(times: number[], part: number): number {
  const sorted = [...times].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN
}

/** 1,000 watchers of one record over 20 connections: how late changes arrive. */
export async function watchers(address: Multiaddr): Promise<Row[]> {
  const nodes = await Promise.all(Array.from({ length: NODES }, clientNode))
  const writer = await clientNode()
  await writer.services.unsigned.update(address, 'watched', { at: 0 }, { ttl: 600 })
  const times: number[] = []
  let ready = 0
  const ending = new AbortController()
  const watches = Array.from({ length: WATCHERS }, async (_, i) => {
    const client = (nodes[i % NODES] as ClientNode).services.unsigned
    for await (const part of client.watch(address, 'watched', { signal: ending.signal })) {
      if (part.kind === 'marker') ready++
      if (part.kind !== 'changes') continue
      for (const { value } of part.documents[0]?.events ?? []) {
        if (typeof value === 'number' || typeof value === 'bigint') times.push(performance.now() - Number(value) / 1000)
      }
    }
  }).map((watch) =>
    watch.catch((err: unknown) => {
      if (!ending.signal.aborted) throw err
    }),
  )
  while (ready < WATCHERS) await new Promise((resolve) => setTimeout(resolve, 20))
  for (let n = 0; n < UPDATES_PER_SECOND * SECONDS; n++) {
    const next = performance.now() + 1000 / UPDATES_PER_SECOND
    const at = Math.round(performance.now() * 1000)
    await writer.services.unsigned.update(address, 'watched', { at }, { ttl: 600 })
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())))
  }
  await new Promise((resolve) => setTimeout(resolve, 500))
  ending.abort()
  await Promise.all(watches)
  await Promise.all([...nodes, writer].map((node) => node.stop()))
  const p99 = percentile(times, 0.99)
  const all = WATCHERS * UPDATES_PER_SECOND * SECONDS
  return [
    {
      work: `${WATCHERS} watchers over ${NODES} connections, ${UPDATES_PER_SECOND} updates/s: p99 of delivery`,
      figure: `${p99.toFixed(1)} ms`,
      against: `${times.length} of ${all} delivered, p50 ${percentile(times, 0.5).toFixed(1)} ms`,
      ratio: undefined,
      target: '≤ 25 ms',
      met: p99 <= 25 && times.length === all,
    },
  ]
}
